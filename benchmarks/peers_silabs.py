"""The models of Silicon Labs as contestants of `benchmarks/peers.py`, out of their wheel."""

import importlib.machinery
import importlib.util
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from peers_contestants import RATE_HZ, Samples

HOP = 800
"""What windows are apart where the peer leaves that to its user: kwspot's own 50 ms."""
PACMAN, ON_OFF = "siliconlabs/keyword_spotting_pacman_v3", "siliconlabs/keyword_spotting_on_off_v3"
TINY = "tinyml/keyword_spotting"


class Silabs:
    """A Silicon Labs model of whole windows with the front end of its wheel, or without one."""

    def __init__(self, folder: Path, model: str, *, front_end: bool = True) -> None:
        from ai_edge_litert.interpreter import Interpreter

        with zipfile.ZipFile(folder / "mltk" / "models" / f"{model}.mltk.zip") as archive:
            content = archive.read(f"{Path(model).name}.tflite")
        self._network = Interpreter(model_content=content, num_threads=1)
        self._network.allocate_tensors()
        self._into, self._from = (
            details()[0]
            for details in (self._network.get_input_details, self._network.get_output_details)
        )
        self._columns: Callable[[Samples], Samples] | None = None
        if front_end:
            self._columns = front_end_of(folder, self._into["shape"])
        self._waiting = np.zeros(0, np.int16)

    def scores(self, window: Samples) -> Samples:
        """Scores for one second of int16 samples; without a front end, of no features at all."""
        shape, kind = self._into["shape"], self._into["dtype"]
        columns = np.zeros(shape, kind) if self._columns is None else self._columns(window)
        self._network.set_tensor(self._into["index"], columns.astype(kind).reshape(shape))
        self._network.invoke()
        found: Samples = self._network.get_tensor(self._from["index"])[0]
        return found

    def hear(self, samples: Samples) -> None:
        self._waiting = np.concatenate((self._waiting, samples))
        while len(self._waiting) >= RATE_HZ:
            self.scores(self._waiting[:RATE_HZ])
            self._waiting = self._waiting[HOP:]


def front_end_of(folder: Path, shape: Samples) -> Callable[[Samples], Samples]:
    """The wheel's own front end, with the settings its models say they were trained with."""
    place = folder / "mltk/core/preprocess/audio/audio_feature_generator"
    settings_code = module(place / "audio_feature_generator_settings.py", "settings")
    name = "_audio_feature_generator_wrapper"
    binary = module(next(place.glob(f"{name}.*")), name)
    settings = settings_code.AudioFeatureGeneratorSettings()
    for key, value in {
        "sample_rate_hz": RATE_HZ,
        "sample_length_ms": 1000,
        "window_size_ms": 30,
        "window_step_ms": 10,
        "filterbank_n_channels": int(shape[-1]),
        "filterbank_upper_band_limit": 7500.0,
        "filterbank_lower_band_limit": 125.0,
        "noise_reduction_enable": True,
        "noise_reduction_smoothing_bits": 10,
        "noise_reduction_even_smoothing": 0.025,
        "noise_reduction_odd_smoothing": 0.06,
        "noise_reduction_min_signal_remaining": 0.40,
        "dc_notch_filter_enable": True,
        "dc_notch_filter_coefficient": 0.95,
        "quantize_dynamic_scale_enable": True,
        "quantize_dynamic_scale_range_db": 40.0,
    }.items():
        setattr(settings, key, value)
    wrapper = binary.AudioFeatureGeneratorWrapper(settings)

    def columns(window: Samples) -> Samples:
        found = np.zeros(settings.spectrogram_shape, np.int8)
        wrapper.process_sample(np.ascontiguousarray(window), found)
        return found

    return columns


def module(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def silabs_names(folder: Path, model: str, labels: list[str]) -> Callable[[Samples], str]:
    network = Silabs(folder, model)

    def name(samples: Samples) -> str:
        lacking = RATE_HZ - len(samples)
        window = np.pad(samples, (lacking // 2, lacking - lacking // 2)) if lacking > 0 else samples
        return labels[int(np.argmax(network.scores(window[:RATE_HZ])))]

    return name
