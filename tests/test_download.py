"""`kwspot train --download`: from a stand-in of the server that has Speech Commands."""

import hashlib
import io
import tarfile
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from torchaudio.datasets import speechcommands

from kwspot.spotting.checkpoint import load
from kwspot.train.download import data_root, download
from training import complaint, trained
from word_folders import SMALL_RECIPE, WORDS, write_background, write_words

SIZE = ("--words", ",".join(WORDS), "--epochs", "1", "--batches", "1")


class Server(ThreadingHTTPServer):
    """Answers every request with one body. status: 200 or another; sent: how much of the body;
    asked: the addresses it was asked for."""

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.status, self.sent = body, 200, len(body)
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body[: self.server.sent])

    def log_message(self, *_: object) -> None:
        pass


def archived(root: Path) -> bytes:
    """A folder as a tar.gz whose members begin with `./`, as the published ones do."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.add(root, arcname=".")
    return out.getvalue()


def checksum(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """Let torchaudio expect this body of both versions."""
    for url in list(speechcommands._CHECKSUMS):
        digest = hashlib.sha256(body).hexdigest()
        monkeypatch.setitem(speechcommands._CHECKSUMS, url, digest)


def ask_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Let whatever is asked for be asked of a port of this machine."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "")
    # It remembers the proxies it first met.
    monkeypatch.setattr(urllib.request, "_opener", None)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_words(tmp_path_factory.mktemp("published"), training=3, validation=1)
    (root / "testing_list.txt").write_text("")
    (root / "validation_list.txt").write_text(
        "\n".join(f"{word}/{min((root / word).iterdir()).name}" for word in WORDS)
    )
    return write_background(root)


@pytest.fixture(scope="module")
def body(published: Path) -> bytes:
    return archived(published)


@pytest.fixture
def server(body: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """What answers for the place where the data set is published."""
    checksum(monkeypatch, body)
    with Server(body) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        ask_at(monkeypatch, running.server_port)
        yield running
        running.shutdown()


def fetched(folder: Path, version: str = "v0.01") -> int:
    (folder / "small.toml").write_text(SMALL_RECIPE)
    where = ("--data", folder / "new" / "data", "--out", folder / "run")
    return trained(folder, "--download", version, *where, "--recipe", folder / "small.toml", *SIZE)


@pytest.mark.parametrize("version", ["v0.01", "v0.02"])
def test_a_download_trains_and_is_found_again_offline(
    tmp_path: Path, server: Server, version: str
) -> None:
    assert fetched(tmp_path, version) == 0
    assert [url.rpartition("/")[2] for url in server.asked] == [f"speech_commands_{version}.tar.gz"]
    root = data_root(tmp_path / "new" / "data", version)
    assert (root / "rise").is_dir()
    assert str(root) in (tmp_path / "run" / "recipe.toml").read_text()
    assert load(tmp_path / "run" / "model.safetensors").facts["validation"]["clips"] == 3
    # The archive is not kept.
    assert [path.name for path in (tmp_path / "new" / "data").iterdir()] == ["SpeechCommands"]
    (tmp_path / "run").rename(tmp_path / "first")
    server.status = 503
    assert fetched(tmp_path, version) == 0
    assert len(server.asked) == 1


def test_progress_is_told_in_bytes(tmp_path: Path, server: Server) -> None:
    told: list[tuple[int, int | None]] = []
    download(tmp_path, "v0.02", lambda done, total: told.append((done, total)))
    assert told[-1] == (len(server.body), len(server.body))


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        ("no server", "cannot be fetched"),
        ("not there", "the server says 404"),
        ("altered", "its checksum is wrong"),
        ("cut short", "its checksum is wrong"),
        ("no archive", "came damaged"),
        ("a file in the way", "cannot be written"),
    ],
)
def test_what_goes_wrong_is_one_line_and_can_be_tried_again(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], trouble: str, part: str,
) -> None:  # fmt: skip
    good = server.body
    with monkeypatch.context() as patch:
        match trouble:
            case "no server":
                ask_at(patch, 9)
            case "not there":
                server.status = 404
            case "altered":
                server.body = good[:-1] + b"?"
            case "cut short":
                server.sent = len(good) // 2
            case "no archive":
                server.body = b"no archive" * 100
                checksum(patch, server.body)
            case "a file in the way":
                (tmp_path / "new").write_text("")
        assert part in complaint(capsys, fetched(tmp_path))
    assert not data_root(tmp_path / "new" / "data", "v0.01").exists()
    assert not (tmp_path / "run").exists()
    assert not list(tmp_path.glob("new/data/*")), "nothing is left where nothing can be used again"
    if trouble == "a file in the way":
        (tmp_path / "new").unlink()
    server.body, server.status, server.sent = good, 200, len(good)
    assert (download(tmp_path / "new" / "data", "v0.01", lambda *_: None) / "rise").is_dir()


def test_a_full_disk_is_told(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(speechcommands, "_extract_tar", full)
        assert "is full" in complaint(capsys, fetched(tmp_path))
    assert not data_root(tmp_path / "new" / "data", "v0.01").exists()
    download(tmp_path / "new" / "data", "v0.01", lambda *_: None)
    # The archive that had come whole was used.
    assert len(server.asked) == 1


@pytest.mark.parametrize("moment", ["coming", "unpacking"])
def test_an_interruption_leaves_nothing_that_is_taken_for_whole(
    tmp_path: Path, published: Path, server: Server, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def interrupted(_done: int, _total: int | None) -> None:
        if moment == "coming":
            raise KeyboardInterrupt

    member = tarfile.TarFile.extract

    def half(archive: tarfile.TarFile, entry: tarfile.TarInfo, *where: object) -> None:
        if entry.name.endswith("rise"):
            raise KeyboardInterrupt
        member(archive, entry, *where)

    with monkeypatch.context() as patch:
        patch.setattr(tarfile.TarFile, "extract", half)
        with pytest.raises(KeyboardInterrupt):
            download(tmp_path / "data", "v0.01", interrupted)
    assert not data_root(tmp_path / "data", "v0.01").exists()
    work = tmp_path / "data" / ".speech_commands_v0.01.partial"
    work.mkdir(exist_ok=True)
    (work / "left.partial").write_text("killed")
    root = download(tmp_path / "data", "v0.01", lambda *_: None)
    assert {path.relative_to(root) for path in root.rglob("*")} == {
        path.relative_to(published) for path in published.rglob("*")
    }
    assert len(server.asked) == (2 if moment == "coming" else 1)
