"""Where there is no GPU: whether everything that one computes with would lie on it.

Shapes and places only, no values: torch follows them through every operation, and refuses what
would bring the memory of two processors together.
"""

import dataclasses
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from kwspot.resources import bundled_model
from kwspot.spotting import many_rows
from kwspot.spotting.checkpoint import load
from kwspot.spotting.features import _window, framed_spectra
from kwspot.spotting.folded import fold
from kwspot.spotting.many_rows import ManyRows
from kwspot.spotting.network import Network

GPU = torch.device("cuda", 0)
HOP = 5


def without_values(mode: FakeTensorMode, value: Any) -> Any:
    """The same structure, its tensors shapes and places alone."""
    if isinstance(value, torch.Tensor):
        return mode.from_tensor(value.clone())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(without_values(mode, part) for part in value))
    if isinstance(value, (list, tuple)):
        return type(value)(without_values(mode, part) for part in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(
            value, **{name: without_values(mode, getattr(value, name)) for name in names}
        )
    return value


def test_everything_a_gpu_computes_with_lies_on_it(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    model = load(bundled_model())
    network = model.build()
    assert isinstance(network, Network)
    folded = fold(network)
    # How the bands are cut hangs on the weights' values.
    groups = list(many_rows._groups(folded.bands))
    monkeypatch.setattr(many_rows, "_groups", lambda _bands: groups)
    # Windows are kept by their place: one without values must not be found by other tests.
    _window.cache_clear()
    request.addfinalizer(_window.cache_clear)
    mode = FakeTensorMode()
    folded = without_values(mode, folded)
    pooled = network.config.evidence_frames(model.features.frames)
    with mode, torch.inference_mode():
        rows = ManyRows(folded, pooled, HOP, GPU)
        states = [torch.stack([part] * 3) for part in rows.silence()]
        samples = torch.empty(3, 512 + 160 * 99).to(GPU)
        columns = framed_spectra(samples, model.features).transpose(1, 2)
        out = rows.advance(states[0], states[1], columns)
        assert {part.device for part in out} == {GPU}
        assert out.posteriors.shape == (3, 100 // HOP, len(model.labels))
        again = rows.advance(out.contexts, out.features, columns)
        assert [part.shape for part in again] == [part.shape for part in out]
        with pytest.raises(RuntimeError, match="two different devices"):
            rows.advance(states[0].cpu(), states[1], columns)
