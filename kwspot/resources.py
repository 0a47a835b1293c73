"""Where the files that come with the package are."""

from importlib.resources import files
from pathlib import Path

from kwspot.errors import KwspotError


def _asset(name: str) -> Path:
    path = Path(str(files("kwspot.assets") / name))
    if not path.is_file():
        raise KwspotError(f"{path} is missing: the installation is incomplete, install kwspot anew")
    return path


def bundled_model() -> Path:
    """The model that is used where none is named."""
    return _asset("kwspot-17.safetensors")


def icon() -> Path:
    """The app's icon."""
    return _asset("icon.svg")


def check_mark(theme: str) -> Path:
    """The tick in a box that is ticked, for the "light" or the "dark" theme."""
    return _asset(f"check-{theme}.svg")


def sample_recording() -> Path:
    """A short recording of words the bundled model knows."""
    return _asset("sample.flac")


def data_folder() -> Path:
    """Where the user's own data are kept, by the custom of the system."""
    from platformdirs import user_data_path

    return user_data_path("kwspot", appauthor=False)


def cache_folder() -> Path:
    """Where what can be made again is kept, by the custom of the system."""
    from platformdirs import user_cache_path

    return user_cache_path("kwspot", appauthor=False)
