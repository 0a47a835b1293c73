"""Draw what kwspot sees and decides on a recording: `python benchmarks/picture.py [FILE] OUT.png`.

The frames, the scores and the words are those of the pipeline itself.
"""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np

import kwspot
from kwspot.audio.resample import at_16k
from kwspot.resources import sample_recording

mpl.use("Agg")
import matplotlib.pyplot as plt

FRAME_S = 0.01


def updates_of(path: Path, spotter: kwspot.Spotter) -> list[kwspot.Update]:
    with at_16k(kwspot.FileSource(path)) as source:
        stream = spotter.stream()
        updates = []
        while (chunk := source.read()) is not None:
            updates += stream.push(chunk)
        return updates + stream.finish()


def draw(updates: list[kwspot.Update], spotter: kwspot.Spotter, out: Path) -> None:
    columns_db = np.concatenate([update.columns_db for update in updates], axis=1)
    begin_s = updates[0].end / kwspot.SAMPLE_RATE_HZ - (spotter.hop_frames - 1) * FRAME_S
    end_s = begin_s + columns_db.shape[1] * FRAME_S
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(13, 6), sharex=True, height_ratios=(2, 1), layout="constrained"
    )
    picture = top.imshow(
        columns_db,
        origin="lower",
        aspect="auto",
        extent=(begin_s, end_s, 0.0, 8.0),
        cmap="viridis",
        vmin=-85,
        vmax=-5,
    )
    figure.colorbar(picture, ax=top, label="power (dB)", pad=0.01)
    top.set_ylabel("frequency (kHz)")
    times = np.array([update.end for update in updates]) / kwspot.SAMPLE_RATE_HZ
    scores = np.array([update.smoothed for update in updates])
    colours = plt.get_cmap("tab10").colors
    for place, word in enumerate(spotter.words):
        bottom.plot(times, scores[:, spotter.labels.index(word)], color=colours[place % 10])
    for update in updates:
        found = update.detection
        if found is None:
            continue
        colour = colours[spotter.words.index(found.label) % 10]
        start, stop = found.start / kwspot.SAMPLE_RATE_HZ, found.end / kwspot.SAMPLE_RATE_HZ
        top.axvspan(start, stop, fill=False, edgecolor="white", linewidth=1.5)
        top.text((start + stop) / 2, 7.4, found.label, color="white", ha="center", weight="bold")
        bottom.plot(found.decided / kwspot.SAMPLE_RATE_HZ, found.score, "o", color=colour)
        bottom.text(found.decided / kwspot.SAMPLE_RATE_HZ, 1.06, found.label, ha="center")
    bottom.set(ylim=(0, 1.2), xlabel="time (s)", ylabel="score", xlim=(0, end_s - 1.0))
    bottom.grid(alpha=0.3)
    figure.savefig(out, dpi=110)


def main() -> None:
    *given, out = map(Path, sys.argv[1:])
    spotter = kwspot.Spotter()
    draw(updates_of(given[0] if given else sample_recording(), spotter), spotter, out)


if __name__ == "__main__":
    main()
