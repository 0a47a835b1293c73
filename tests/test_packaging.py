"""What is built from the checkout is whole, clean, and works where there is no checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import kwspot

CHECKOUT = Path(__file__).resolve().parents[1]
PYPROJECT = CHECKOUT / "pyproject.toml"
SHIPPED = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "kwspot", "train", "assets")
HEAVY = {
    "PySide6",
    "numpy",
    "safetensors",
    "sounddevice",
    "soundfile",
    "soxr",
    "torch",
    "torchaudio",
}
WHERE = """
import importlib.util, kwspot, kwspot.assets, kwspot.train
print(kwspot.__file__, kwspot.assets.__file__, kwspot.train.__file__, sep="\\n")
print([name for name in ("assets", "train") if importlib.util.find_spec(name)])
"""

pytestmark = pytest.mark.skipif(
    not PYPROJECT.exists(), reason="the package is built from a checkout, and there is none"
)


def run(*command: str | Path, folder: Path, path: str = "") -> str:
    """Run a command in a folder, with `path` as PYTHONPATH; returns its standard output."""
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, since a build leaves files behind."""
    folder = tmp_path_factory.mktemp("source")
    for name in SHIPPED:
        if (CHECKOUT / name).is_dir():
            unwanted = shutil.ignore_patterns("__pycache__")
            shutil.copytree(CHECKOUT / name, folder / name, ignore=unwanted)
        else:
            shutil.copy2(CHECKOUT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built the long way: checkout -> sdist -> wheel."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel, and nothing else, is installed."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    run(*pip, "--target", folder, wheel, folder=folder)
    return folder


def test_the_wheel_holds_every_file_of_the_package_and_no_other(source: Path, wheel: Path) -> None:
    expected = set()
    for top, target in {
        "kwspot": "kwspot",
        "train": "kwspot/train",
        "assets": "kwspot/assets",
    }.items():
        for path in (source / top).rglob("*"):
            if path.is_file():
                expected.add(f"{target}/{path.relative_to(source / top).as_posix()}")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected


@pytest.mark.parametrize("endings", [(".safetensors",), (".md",), (".wav", ".flac")])
def test_the_wheel_carries_the_model_its_card_and_a_recording(
    wheel: Path, endings: tuple[str, ...]
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in names if name.startswith("kwspot/assets/") and name.endswith(endings)]


def test_the_wheel_carries_its_licence_and_attributions(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(n for n in names if n.endswith("/METADATA"))).decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}


def test_the_wheel_works_where_there_is_no_checkout(site: Path, tmp_path: Path) -> None:
    package, assets, train, strays = run(
        sys.executable, "-c", WHERE, folder=tmp_path, path=str(site)
    ).splitlines()
    assert Path(package).parent == site / "kwspot"
    assert Path(assets).parent == site / "kwspot" / "assets"
    assert Path(train).parent == site / "kwspot" / "train"
    assert strays == "[]"


@pytest.mark.parametrize("module", [False, True], ids=["kwspot", "python -m kwspot"])
def test_both_ways_to_start_tell_the_version(site: Path, tmp_path: Path, module: bool) -> None:
    command = [sys.executable, "-m", "kwspot"] if module else [site / "bin" / "kwspot"]
    said = run(*command, "--version", folder=tmp_path, path=str(site))
    assert tomllib.loads(PYPROJECT.read_text())["project"]["version"] in said.split()


def test_help_loads_nothing_heavy(site: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "kwspot", "--help"]
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "kwspot.cli" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


def test_an_editable_install_works(source: Path, tmp_path: Path) -> None:
    # A new environment that borrows all of this one but kwspot, rather than fetch torch again.
    borrowed = tmp_path / "borrowed"
    borrowed.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "kwspot" not in entry.name:
            (borrowed / entry.name).symlink_to(entry)
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    (own,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (own / "borrowed.pth").write_text(str(borrowed))
    pip = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    run(*pip, "--no-build-isolation", "--editable", source, folder=tmp_path)
    package, assets, train, strays = run(python, "-c", WHERE, folder=tmp_path).splitlines()
    assert Path(package).parent == source / "kwspot"
    assert Path(assets).parent == source / "assets"
    assert Path(train).parent == source / "train"
    assert strays == "[]"
    assert version("kwspot") in run(python, "-m", "kwspot", "--version", folder=tmp_path).split()


def test_a_checkout_runs_as_it_stands(source: Path) -> None:
    """`python -m kwspot` within a clone finds the clone's own files, whatever is installed."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, "-c", WHERE],
        check=True,
        capture_output=True,
        text=True,
        cwd=source,
        env=env,
    )
    package, assets, train, _ = done.stdout.splitlines()
    assert Path(package).parent == source / "kwspot"
    assert Path(assets).parent == source / "assets"
    assert Path(train).parent == source / "train"


def test_the_tests_see_the_installed_version() -> None:
    assert version("kwspot") == tomllib.loads(PYPROJECT.read_text())["project"]["version"]


@pytest.mark.skipif(not sys.flags.safe_path, reason="only dev.py tests the wheel alone")
def test_the_checkout_does_not_hide_the_wheel() -> None:
    assert Path(kwspot.__file__).parent != CHECKOUT / "kwspot"
