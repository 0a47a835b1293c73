"""What cannot work is told in one line that says what to do, with exit code 2."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from commands import run_kwspot
from kwspot.cli import main
from words import sample


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one line on standard error of a command that exits with 2 and prints nothing else."""
    assert main([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("kwspot: ")
    assert "Traceback" not in captured.err
    assert "Usage" not in captured.err
    return captured.err


def audio(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.wav"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("these are words, too")
        case "none":
            soundfile.write(path, np.zeros(0, dtype=np.float32), 16_000)
        case "nan":
            samples = sample()
            samples[5000] = np.nan
            soundfile.write(path, samples, 16_000, subtype="FLOAT")
        case "folder":
            path.mkdir()
    return path


SAYS = {
    "missing": "there is no such file",
    "empty": "empty",
    "text": "not audio",
    "none": "holds no samples",
    "nan": "not a finite number",
    "folder": "is a folder",
}


@pytest.mark.parametrize("kind", SAYS)
def test_recordings_to_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    path = audio(tmp_path, kind)
    assert main(["scan", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert SAYS[kind] in told
    assert path.name in told


@pytest.mark.parametrize("kind", SAYS)
def test_recordings_to_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = audio(tmp_path, kind)
    assert main(["listen", "--replay", str(path), "--replay-speed", "max"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert SAYS[kind] in lines[-1]
    # It may have begun to listen before it met what it cannot read.
    assert [line for line in lines[:-1] if "listening to" not in line] == []


def test_a_truncated_recording_is_searched_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, sample(), 16_000, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:200_000])
    assert main(["scan", str(path)]) == 0
    captured = capsys.readouterr()
    assert "yes" in captured.out
    assert "warning" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--words", "yes,maybe"], "does not know the word 'maybe'"),
        (["--words", ","], "at least one word"),
        (["--threshold", "1.2"], "within 0..1"),
        (["--threshold", "high"], "within 0..1"),
        (["--threshold", "yes=nan"], "within 0..1"),
        (["--threshold", "maybe=0.5"], "does not know the word 'maybe'"),
        (["--hop", "7"], "multiple of 10 ms"),
        (["--hop", "x"], "--hop"),
        (["--model", "nowhere.safetensors"], "no model file"),
        (["--compute", "abacus"], "--compute"),
        (["--nonsense"], "--nonsense"),
    ],
)
@pytest.mark.parametrize("command", ["scan", "listen"])
def test_options(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    options: list[str],
    says: str,
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sample()[:16_000], 16_000)
    what = [path] if command == "scan" else ["--replay", path]
    assert says in complaint(capsys, command, *what, *options)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is none here" in complaint(capsys, "demo", "--compute", "cuda")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--duration", "0"], "--duration"),
        (["--duration", "-3"], "--duration"),
        (["--duration", "inf"], "--duration"),
        (["--replay-speed", "1e-300"], "--replay-speed"),
        (["--exec", "yes=true", "--exec", "yes=false"], "twice"),
        (["--replay-speed", "fast"], "--replay-speed"),
        (["--replay-speed", "0"], "speed"),
        (["--device", "x"], "exclude each other"),
        (["--exec", "yes"], "WORD=COMMAND"),
        (["--exec", "maybe=true"], "not listened for"),
        (["--exec", "yes=no-such-command-anywhere"], "no command"),
        (["--exec", "yes='"], "--exec"),
        (["--record", "nowhere/a.wav"], "there is no folder nowhere"),
        (["--record", "a.xyz"], ".wav, .flac or .ogg"),
    ],
)
def test_options_of_listen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sample()[:16_000], 16_000)
    assert says in complaint(capsys, "listen", "--replay", path, *options)


def test_a_recording_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, kept = tmp_path / "a.wav", tmp_path / "kept.wav"
    soundfile.write(path, sample()[:16_000], 16_000)
    kept.write_bytes(b"precious")
    assert "exists already" in complaint(capsys, "listen", "--replay", path, "--record", kept)
    assert kept.read_bytes() == b"precious"


@pytest.mark.parametrize("kind", ["pickle", "text", "truncated"])
def test_models(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    from kwspot.resources import bundled_model

    path = tmp_path / "m.safetensors"
    path.write_bytes(
        {
            "pickle": pickle.dumps([1]),
            "text": b"no model",
            "truncated": bundled_model().read_bytes()[:5000],
        }[kind]
    )
    assert str(path) in complaint(capsys, "demo", "--model", path)
    assert str(path) in complaint(capsys, "model", path)


@pytest.mark.parametrize(
    "arguments", [["listen", "extra"], ["scan"], ["no-such-command"], ["model", "a", "b"]]
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "--help" in complaint(capsys, *arguments)


@pytest.mark.parametrize("command", [["listen"], ["listen", "--json"], ["devices"]])
def test_no_microphone(command: list[str]) -> None:
    found = run_kwspot("devices", "--json")
    if found.stdout:
        pytest.skip("there is a microphone here")
    if "libportaudio2" in found.stderr:
        pytest.skip("PortAudio is not installed")
    done = run_kwspot(*command)
    assert done.returncode == 2
    assert "there is no microphone" in done.stderr
    assert done.stderr.count("\n") == 1
    assert '"listening"' not in done.stdout


@pytest.mark.parametrize("command", ["listen", "devices"])
def test_portaudio_missing_names_the_package(command: str) -> None:
    code = (
        "import ctypes.util, sys\n"
        "ctypes.util.find_library = lambda name: None\n"
        "from kwspot.cli import main\n"
        f"sys.exit(main(['{command}']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if "there is no microphone" in done.stderr:
        pytest.skip("sounddevice carries its own PortAudio here")
    assert done.returncode == 2
    assert "libportaudio2" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_of_ours_is_one_line_and_exit_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import kwspot.resources

    def broken() -> Path:
        raise RuntimeError("a bug")

    monkeypatch.setattr(kwspot.resources, "sample_recording", broken)
    assert main(["demo"]) == 1
    captured = capsys.readouterr()
    assert "internal error" in captured.err
    assert "a bug" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kwspot", "demo", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "standard output cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_library_that_does_not_load_is_told_as_such(tmp_path: Path) -> None:
    broken = tmp_path / "torchaudio"
    broken.mkdir()
    (broken / "__init__.py").write_text("import ctypes\nctypes.CDLL(__file__)\n")
    done = run_kwspot(
        "model",
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))),
        },
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert str(broken) in done.stderr
    assert "install kwspot in a new environment" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that fails to read")
def test_a_file_that_fails_while_it_is_read_does_not_end_a_batch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "a.wav"
    soundfile.write(good, sample(), 16_000)
    assert main(["scan", "--json", "/proc/self/mem", str(good)]) == 2
    captured = capsys.readouterr()
    assert "cannot be read" in captured.err
    assert '"yes"' in captured.out


def test_a_poor_encoding_of_the_terminal_does_no_harm() -> None:
    done = run_kwspot("demo", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "yes" in done.stdout
