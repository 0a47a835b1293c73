"""`kwspot scan --ray` on a cluster of two workers on this machine; skips only where Ray is not."""

import errno
import importlib.metadata
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import soundfile

from commands import COMMAND, json_lines, run_kwspot
from words import said, sample

# Not whether it can be imported: a folder of the name can, and Ray leaves one in /tmp.
needs_ray = pytest.mark.skipif(
    not list(importlib.metadata.distributions(name="ray")),
    reason="Ray is not installed: pip install 'ray[data]'",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two nodes of one core each."""
    from ray.cluster_utils import Cluster

    # At Ray's own niceness a busy machine would leave its workers waiting.
    settings = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    node: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80_000_000}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
        cluster.add_node(**node)
    yield cluster.address
    cluster.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six recordings, each of its own words, under two rates; and one that is none."""
    place = tmp_path / "talks"
    (place / "more").mkdir(parents=True)
    for count, word in enumerate(said()[:6]):
        first, last = round(word.start_s * 16_000) - 4_000, round(word.end_s * 16_000) + 4_000
        soundfile.write(
            place / ("more" if count % 2 else "") / f"{count}.wav", sample()[first:last], 16_000
        )
    (place / "broken.wav").write_text("no audio")
    return place


def workers() -> list[psutil.Process]:
    """The workers that scan, of the cluster that this process began."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            title = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if title.startswith("ray::Map("):
            found.append(process)
    return found


def open_for_reader(pipe: Path) -> int:
    """Open a pipe to write into, once somebody has opened it to read."""
    until_s = time.monotonic() + 90
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > until_s:
                raise
            time.sleep(0.05)


@needs_ray
@pytest.mark.timeout(300)
def test_a_cluster_finds_what_one_process_finds(tmp_path: Path, folder: Path, address: str) -> None:
    alone, spread = tmp_path / "alone.jsonl", tmp_path / "spread.jsonl"
    one = run_kwspot("scan", folder, "--output", alone)
    many = run_kwspot("scan", "--ray", address, folder, "--output", spread)
    assert (one.returncode, many.returncode) == (2, 2)
    assert many.stderr == one.stderr
    assert spread.read_bytes() == alone.read_bytes()
    assert [line["label"] for line in json_lines(alone.read_text())] != []
    # What is done is not done again; what failed is.
    (folder / "broken.wav").unlink()
    before = spread.read_bytes()
    again = run_kwspot("scan", f"--ray={address}", folder, "--output", spread)
    assert again.returncode == 0
    assert again.stderr == "kwspot: 6 of 6 are scanned already\n"
    assert spread.read_bytes() == before


@needs_ray
@pytest.mark.timeout(300)
def test_paths_that_workers_do_not_see_are_told_and_results_come_in_order(
    folder: Path, address: str
) -> None:
    # A file of this process alone, under a name that no worker has.
    kept = os.open(folder / "0.wav", os.O_RDONLY)
    os.dup2(kept, 200)
    names = [str(folder / "more" / "3.wav"), "/dev/fd/200", str(folder / "2.wav"), "gone.wav"]
    done = subprocess.run(
        [*COMMAND, "scan", "--json", "--ray", address, *names],
        capture_output=True,
        text=True,
        timeout=200,
        pass_fds=(200,),
        check=False,
    )
    os.close(200)
    os.close(kept)
    assert done.returncode == 2
    assert [line["source"] for line in json_lines(done.stdout)] == [names[0], names[2]]
    hidden, gone = done.stderr.splitlines()
    assert hidden.startswith(
        f"kwspot: /dev/fd/200 is not visible to the worker on {socket.gethostname()}"
    )
    assert gone.startswith("kwspot: gone.wav")


@needs_ray
@pytest.mark.timeout(300)
def test_a_killed_worker_loses_nothing(tmp_path: Path, folder: Path, address: str) -> None:
    (folder / "broken.wav").unlink()
    pipe, output = folder / "zz.wav", tmp_path / "r.jsonl"
    os.mkfifo(pipe)
    scan = subprocess.Popen(
        [*COMMAND, "scan", "--ray", address, str(folder), "--output", str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        # A worker waits for sound; it dies.
        first = open_for_reader(pipe)
        killed = workers()
        assert killed
        for process in killed:
            process.kill()
        psutil.wait_procs(killed, 20)
        os.close(first)
        second = open_for_reader(pipe)
        os.set_blocking(second, True)
        with os.fdopen(second, "wb") as writer, (folder / "0.wav").open("rb") as recording:
            shutil.copyfileobj(recording, writer)
        said_aloud, told = scan.communicate(timeout=120)
    finally:
        scan.kill()
    changed = f"kwspot: warning: {pipe} was changed while it was scanned\n"
    assert (scan.returncode, said_aloud, told) == (0, "", changed)
    expected = json_lines(alone(folder, tmp_path))
    found = json_lines(output.read_text())
    assert [line for line in found if line["source"] != str(pipe)] == expected
    again = [
        {**line, "source": str(pipe)} for line in expected if line["source"].endswith("/0.wav")
    ]
    assert [line for line in found if line["source"] == str(pipe)] == again != []


def readers(pipe: Path) -> list[psutil.Process]:
    """The workers that have a pipe open."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any(
                os.path.realpath(fd) == str(pipe)
                for fd in Path(f"/proc/{process.pid}/fd").iterdir()
            ):
                found.append(process)
        except OSError:
            continue
    return found


@needs_ray
@pytest.mark.timeout(300)
@pytest.mark.parametrize("in_order", [False, True])
def test_what_kills_every_worker_is_one_line_and_costs_nothing_else(
    tmp_path: Path, folder: Path, address: str, in_order: bool
) -> None:
    (folder / "broken.wav").unlink()
    pipe, output = folder / "1.wav", tmp_path / "r.jsonl"
    os.mkfifo(pipe)
    where = ["--json"] if in_order else ["--output", str(output)]
    killed: set[int] = set()
    with subprocess.Popen(
        [*COMMAND, "scan", "--ray", address, str(folder), *where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as scan:
        while scan.poll() is None:
            time.sleep(0.05)
            with suppress(OSError):  # as long as nobody reads it
                writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
                # Whoever lets this open is about to have it open, too.
                while not (reading := readers(pipe)):
                    time.sleep(0.01)
                for process in reading:
                    killed.add(process.pid)
                    process.kill()
                psutil.wait_procs(reading, 20)
                os.close(writer)
        said_aloud, told = scan.communicate()
    lines = told.splitlines()
    assert lines[0] == (
        f"kwspot: {pipe} ended every worker that read it, 4 in all; "
        "convert it to WAV, or leave it out"
    )
    assert len(lines) == (1 if in_order else 2)
    assert scan.returncode == 2
    assert len(killed) == 4
    kept = output.with_name("r.jsonl.partial") if not in_order else None
    pipe.unlink()
    one = run_kwspot("scan", "--json", folder)
    found = said_aloud if in_order else output.read_text()
    assert json_lines(found) == json_lines(one.stdout) != []
    assert kept is None or kept.exists()


def alone(folder: Path, tmp_path: Path) -> str:
    """What one process finds, without the pipe."""
    (folder / "zz.wav").unlink()
    output = tmp_path / "alone.jsonl"
    assert run_kwspot("scan", folder, "--output", output).returncode == 0
    return output.read_text()


@needs_ray
@pytest.mark.parametrize("given", ["127.0.0.1:9", "nowhere.invalid:6379"])
def test_an_address_that_does_not_answer(folder: Path, tmp_path: Path, given: str) -> None:
    done = run_kwspot("scan", folder, "--ray", given, "--output", tmp_path / "r.csv")
    assert done.returncode == 2
    assert done.stderr.startswith(f"kwspot: no Ray cluster answers at {given}")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.glob("r.csv*")) == []


@needs_ray
def test_no_address_means_the_cluster_of_this_machine(folder: Path) -> None:
    env = {**os.environ, "RAY_ADDRESS": "127.0.0.1:9"}
    done = run_kwspot("scan", "--ray", folder, env=env)
    assert done.returncode == 2
    assert done.stderr.startswith("kwspot: no Ray cluster answers at 127.0.0.1:9")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--ray=somewhere", "a.wav"], "HOST:PORT"), (["--ray", "-"], "standard input")],
)
def test_what_cannot_be_spread_is_told(arguments: list[str], says: str) -> None:
    done = run_kwspot("scan", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_ray_one_line_says_how_to_get_it(tmp_path: Path, folder: Path) -> None:
    # The way of a package that is not there, whether or not it is.
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ray'] = None\n")
    paths = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = run_kwspot("scan", folder, "--ray", env={**os.environ, "PYTHONPATH": paths})
    assert done.returncode == 2
    assert "pip install 'kwspot[ray]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
