"""How many clips of labelled folders a network names rightly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from kwspot.spotting.features import FeatureConfig, as_channels, clip_spectra
from kwspot.spotting.network import Network

from .corpus import Corpus


@dataclass(frozen=True, slots=True)
class Score:
    """clips: how many; right: how many were named rightly; per word (right, clips); confused:
    (true, named) -> how often."""

    clips: int
    right: int
    per_word: dict[str, tuple[int, int]]
    confused: dict[tuple[str, str], int]

    @property
    def accuracy(self) -> float:
        """The share of all clips that were named rightly, 0..1."""
        return self.right / max(1, self.clips)

    @property
    def mean_word_accuracy(self) -> float:
        """The mean over words of the share named rightly, 0..1."""
        return float(np.mean([right / clips for right, clips in self.per_word.values()]))

    @property
    def worst_word(self) -> tuple[float, str]:
        """The lowest share named rightly of any word, and that word."""
        return min((right / clips, word) for word, (right, clips) in self.per_word.items())


def centred(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """A clip in the middle of a window: zeros around a shorter one, a longer one cut."""
    lacking = length - len(samples)
    if lacking >= 0:
        return np.pad(samples, (lacking // 2, lacking - lacking // 2))
    return samples[-lacking // 2 :][:length]


@torch.inference_mode()
def named(
    network: Network, clips: Sequence[NDArray[np.float32]], features: FeatureConfig
) -> NDArray[np.int64]:
    """The label of each clip by the highest score, no threshold: int64 (clips,)."""
    found = []
    for first in range(0, len(clips), 256):
        batch = [centred(clip, features.span_samples) for clip in clips[first : first + 256]]
        columns = clip_spectra(torch.from_numpy(np.stack(batch)), features)
        found.append(network(as_channels(columns)).argmax(dim=1).numpy())
    return np.concatenate(found)


def score_clips(
    network: Network,
    corpus: Corpus,
    indices: Sequence[int],
    labels: Sequence[str],
    features: FeatureConfig,
) -> Score:
    """Score the clips of a corpus at `indices`, one or more, against the words they are filed
    under."""
    names = named(network.eval(), [corpus.clip(index)[0] for index in indices], features)
    truth = [corpus.recordings[index].word for index in indices]
    pairs = Counter((word, labels[name]) for word, name in zip(truth, names, strict=True))
    totals = Counter(truth)
    per_word = {word: (pairs[word, word], totals[word]) for word in sorted(totals)}
    right = sum(count for count, _ in per_word.values())
    confused = {pair: count for pair, count in pairs.most_common() if pair[0] != pair[1]}
    return Score(len(truth), right, per_word, confused)
