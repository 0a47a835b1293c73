"""What the engine is doing, or what ails it, in a few words."""

from .engine import Engine
from .origins import Recording
from .phase import Phase
from .translation import translate


def state(engine: Engine) -> tuple[str, str]:
    """A sign whose shape tells it, too, and the words."""
    if engine.phase is Phase.LISTENING and engine.problem:
        return "⚠", _trouble(engine)
    return {
        Phase.STOPPED: ("■", translate("State", "Stopped")),
        Phase.LOADING: ("…", translate("State", "Loading the model")),
        Phase.OPENING: ("…", translate("State", "Opening the sound")),
        Phase.LISTENING: ("●", translate("State", "Listening to {0}").format(_source(engine))),
        Phase.WAITING: ("⚠", waiting(engine.retry_s)),
        Phase.ENDED: ("■", translate("State", "End of {0}").format(_source(engine))),
        Phase.FAILED: ("✖", translate("State", "Not listening")),
    }[engine.phase]


def _trouble(engine: Engine) -> str:
    """What is wrong though it listens."""
    match engine.problem_state:
        case "silent":
            return translate("State", "No sound comes from the microphone")
        case "dropped" | "results-dropped":
            return translate("State", "This machine is too busy: some sound is not heard")
        case "damaged":
            return translate("State", "{0} is damaged").format(_source(engine))
    return translate("State", "Listening to {0}, with trouble").format(_source(engine))


def waiting(retry_s: int | None = None) -> str:
    """The device is not there; retry_s: when it is tried again."""
    if retry_s is None:
        return translate("State", "Waiting for the microphone")
    if retry_s == 0:
        return translate("State", "Waiting for the microphone: trying again now")
    text = translate("State", "Waiting for the microphone: trying again in {0} s")
    return text.format(retry_s)


def _source(engine: Engine) -> str:
    """What is listened to, as a person would call it."""
    if isinstance(engine.origin, Recording):
        return engine.origin.path.name
    name = engine.source_name.partition("@")[0]
    if name in ("default", "default microphone", ""):
        return translate("State", "the default microphone")
    return name
