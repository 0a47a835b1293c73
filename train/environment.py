"""What a run was made with: versions, machine, processors. Nothing that names a person or host."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from .writing import write_whole

ENVIRONMENT_FILE = "environment.json"
PACKAGES = (
    "kwspot",
    "torch",
    "torchaudio",
    "numpy",
    "soundfile",
    "soxr",
    "safetensors",
    "matplotlib",
)


def environment() -> dict[str, Any]:
    """Versions, system, CPU with its cores and memory, GPUs: JSON values."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **_versions()},
        "system": platform.platform(),
        "cpu": {
            "name": _processor(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "memory_gib": _memory_gib(),
        },
        "gpus": [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())],
        "cuda": torch.version.cuda if torch.cuda.is_available() else None,
    }


def keep_environment(run: Path, when: str) -> dict[str, Any]:
    """The environment of a run from its folder; written there first where it is missing.

    when: what goes on at that moment, "training" or "report": a run whose training did not write
    one gets that of the machine that reports, and says so. Raises TrainingError where it cannot
    be written.
    """
    path = run / ENVIRONMENT_FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    except (OSError, ValueError):
        pass
    facts = {"recorded": when, **environment()}
    write_whole(path, (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode())
    return facts


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has none of these names
        return None
    return round(size / 2**30, 1)
