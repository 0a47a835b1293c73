"""Imports run one way, and each rule in pyproject.toml catches what it is there for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PYPROJECT = CHECKOUT / "pyproject.toml"
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

pytestmark = pytest.mark.skipif(not PYPROJECT.exists(), reason="the rules are in the checkout")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder that holds kwspot laid out as it is installed; returns the package's folder."""
    package = tmp_path / "kwspot"
    unwanted = shutil.ignore_patterns("__pycache__")
    for source, target in {"kwspot": ".", "train": "train", "assets": "assets"}.items():
        shutil.copytree(CHECKOUT / source, package / target, ignore=unwanted)
    return package


def lint(package: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT, "--config", str(PYPROJECT), "--no-cache"]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=package.parent,
        # Wide, since the report wraps the names that the tests look for.
        env={**os.environ, "PYTHONPATH": str(package.parent), "COLUMNS": "200"},
    )


def test_every_rule_is_kept(tree: Path) -> None:
    report = lint(tree)
    assert report.returncode == 0, report.stdout + report.stderr
    assert "0 broken" in report.stdout


@pytest.mark.parametrize(
    ("module", "statement", "rule"),
    [
        ("errors.py", "import kwspot.audio", "imports run one way"),
        ("spotting/network.py", "import kwspot.spotting.features", "imports run one way"),
        ("train/__init__.py", "import kwspot.cli", "imports run one way"),
        ("audio/files.py", "import sounddevice", "sounddevice only where the microphone is"),
        ("cli/__init__.py", "import PySide6.QtWidgets", "PySide6 only under gui"),
        ("audio/ring.py", "import torch", "audio needs no torch"),
        ("spotting/checkpoint.py", "import pickle", "a model file is data"),
    ],
)
def test_a_rule_catches_what_breaks_it(tree: Path, module: str, statement: str, rule: str) -> None:
    with (tree / module).open("a") as file:
        file.write(f"\n{statement}\n")
    report = lint(tree)
    assert report.returncode == 1
    assert f"{rule} BROKEN" in report.stdout
    assert "1 broken" in report.stdout
