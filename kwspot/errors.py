"""The one family of errors a user can meet; every message says what is wrong and what to do."""


class KwspotError(Exception):
    """Something the user can mend: one sentence, shown as it is, exit code 2."""

    exit_code = 2


class OptionError(KwspotError):
    """An option or argument has a value that cannot be used."""


class AudioError(KwspotError):
    """A recording or stream cannot be read or written."""


class DeviceError(AudioError):
    """A microphone, or the audio system under it, cannot be used."""


class ModelError(KwspotError):
    """A model file cannot be used."""


class TrainingError(KwspotError):
    """A training run cannot go on."""
