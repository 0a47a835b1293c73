"""A recipe: every value that decides how a training run goes, with its default."""

import math
from dataclasses import dataclass, field

from kwspot.spotting.checkpoint import SILENCE, UNKNOWN
from kwspot.spotting.detector_config import MOST_CAUTION
from kwspot.spotting.features import FeatureConfig
from kwspot.spotting.network import NetworkConfig

from .checking import Comparable, check, check_run


@dataclass(frozen=True, slots=True)
class MixRecipe:
    """How training examples are made. Shares are probabilities; pairs are uniform ranges.

    unknown, silence: share of examples of those classes, the rest are words; balance: how far words
    of few clips are drawn as often as others, 1: all alike, 0: as they are found, more than 1: more
    often than others; running, others, joined: share of the unknowns that are running speech, other
    words, and parts of two words joined, the rest are parts of one; fragments: share of the running
    speech that is a bit of it with nothing around; spliced: share of those bits that are two of an
    utterance joined; hard: share of the unknowns that are none of these but lie where the model
    took other speech, or noise, for a word when it was asked last, less where such places are few;
    part: how much of a word such a part is; speed: rate of play, of the share `sped`; peak_db:
    level of the loudest sample; noise, snr_db: background under the word (triangular, most often 20
    dB); gated: everything outside the word cut away; as_recorded: the clip where it lay, moved by
    up to 100 ms, otherwise its word may end anywhere in the last 0.6 s of the window; neighbour:
    other speech before or after the word; paired: share of those that are one more word to spot;
    room: reverberation; warped: heard from another vocal tract, with formants at a factor within
    `warp` of their frequencies; muffled: what is said, not what is behind it, by a bad microphone;
    noise_gate: what is faint in it cut away; filtered: a random response over frequency; coded:
    what a lossy codec drops; masked: SpecAugment's bands and stretches of time; mixup: another
    example of the batch laid over it, both labels then counting by their energy.
    Raises OptionError for values that make no examples.
    """

    unknown: float = 0.27
    silence: float = 0.10
    balance: float = 1.0
    running: float = 0.55
    others: float = 0.23
    joined: float = 0.10
    fragments: float = 0.25
    spliced: float = 0.3
    hard: float = 0.3
    part: tuple[float, float] = (0.2, 0.4)
    speed: tuple[float, float] = (0.8, 1.25)
    sped: float = 0.6
    peak_db: tuple[float, float] = (-40.0, 0.0)
    noise: float = 0.75
    snr_db: tuple[float, float] = (0.0, 40.0)
    gated: float = 0.2
    as_recorded: float = 0.4
    neighbour: float = 0.2
    paired: float = 0.3
    room: float = 0.2
    muffled: float = 0.25
    noise_gate: float = 0.15
    warped: float = 0.3
    warp: tuple[float, float] = (0.85, 1.2)
    filtered: float = 0.5
    coded: float = 0.2
    masked: float = 0.6
    mixup: float = 0.0

    def __post_init__(self) -> None:
        shares = (
            "unknown", "silence", "running", "others", "joined", "fragments", "spliced", "hard",
            "sped", "noise", "muffled", "noise_gate", "gated", "as_recorded", "neighbour", "paired",
            "room", "warped", "filtered", "coded", "masked", "mixup",
        )  # fmt: skip
        for name in shares:
            share = getattr(self, name)
            check(0.0 <= share <= 1.0, f"{name} is a share within 0..1, not {share}")
        check(0.0 <= self.balance <= 2.0, f"balance lies within 0..2, not {self.balance:g}")
        check(self.unknown + self.silence < 1.0, "unknown and silence leave no room for words")
        together = self.running + self.others + self.joined
        check(together <= 1.0, "running, others and joined are more than all unknowns together")
        for name in ("speed", "warp", "peak_db", "snr_db", "part"):
            low, high = getattr(self, name)
            check(low <= high, f"{name} is a range from low to high, not {low} to {high}")
            # Levels further away than that are no sound any more.
            check(low >= -200.0 and high <= 200.0, f"{name} lies within -200..200")
        check(self.speed[0] >= 0.25 and self.speed[1] <= 4.0, "speed lies within 0.25..4")
        check(self.warp[0] >= 0.5 and self.warp[1] <= 2.0, "warp lies within 0.5..2")
        check(self.part[0] > 0.0 and self.part[1] < 1.0, "part lies within 0..1, both excluded")
        check(self.snr_db[0] < self.snr_db[1], "snr_db is a range of some width")

    def excess(self, words: int) -> dict[str, float]:
        """The logarithm of how much more often than each of some words unknown and silence are
        drawn; without those that are never drawn."""
        word = (1.0 - self.unknown - self.silence) / words
        shares = {UNKNOWN: self.unknown, SILENCE: self.silence}
        return {label: math.log(share / word) for label, share in shares.items() if share > 0.0}


WIDEST = 8192
"""Channels of a layer beyond which memory ends before anything is learned."""
FINISH = MixRecipe(
    unknown=0.2,
    silence=0.06,
    sped=0.4,
    noise=0.5,
    snr_db=(5.0, 45.0),
    gated=0.1,
    as_recorded=0.6,
    neighbour=0.1,
    muffled=0.15,
    noise_gate=0.1,
    warped=0.2,
    filtered=0.3,
    coded=0.1,
    masked=0.3,
)
"""The last part of a run: examples nearer to what people record, while the rate goes to zero."""


@dataclass(frozen=True, slots=True)
class Recipe(Comparable):
    """Everything a run is made of, but the recordings.

    words: what to spot; epochs of `batches` batches of `batch` examples; rate: the highest
    learning rate, after warm_up (share of the run), then a cosine to zero; decay: weight decay of
    AdamW; smoothing: of the labels; frame_weight: of the loss over single frames; ema: the
    averaging of weights per step; focal: how much less an example counts that is named rightly, 0:
    not at all; mine_every: epochs after which hard places are looked for anew, 0: never; prior:
    how many times what unknown and silence owe to being drawn more often than a word is taken back
    at the end (in streams the detector's caution gives it to them again); teaching: where
    there are teachers, the share of the loss over windows that is about what they make of an
    example, the rest is about its label; seed: of everything drawn; split_by: one of SPLITS;
    bands, channels, features, dropout: of the network; finish: the share of the epochs, the last
    ones, whose examples are drawn by `finish_mix` instead of `mix`. Raises OptionError for values
    that make no run.
    """

    words: tuple[str, ...]
    epochs: int = 60
    batches: int = 200
    batch: int = 128
    rate: float = 4e-3
    warm_up: float = 0.04
    decay: float = 0.02
    smoothing: float = 0.05
    frame_weight: float = 0.4
    ema: float = 0.998
    focal: float = 0.0
    mine_every: int = 5
    prior: float = 2.0
    teaching: float = 0.5
    seed: int = 0
    split_by: str = "official"
    bands: int = 56
    channels: int = 128
    features: int = 192
    dropout: float = 0.1
    finish: float = 0.25
    mix: MixRecipe = field(default_factory=MixRecipe)
    finish_mix: MixRecipe = FINISH

    def __post_init__(self) -> None:
        check_run(self.words, self.split_by, self.batch, self.seed, self.rate)
        check(
            not {UNKNOWN, SILENCE} & set(self.words),
            f"{UNKNOWN} and {SILENCE} are in every model: name words alone",
        )
        for name in ("epochs", "batches", "bands", "channels", "features"):
            value = getattr(self, name)
            least = 16 if name == "bands" else 1
            check(value >= least, f"{name} is {value}, it has to be at least {least}")
        for name in ("bands", "channels", "features"):
            value = getattr(self, name)
            check(value <= WIDEST, f"{name} is {value}, it may be {WIDEST} at most")
        for name in ("finish", "teaching"):
            value = getattr(self, name)
            check(0.0 <= value <= 1.0, f"{name} is a share within 0..1, not {value:g}")
        check(0.0 <= self.prior <= 4.0, f"prior lies within 0..4, not {self.prior:g}")
        for name in ("warm_up", "smoothing", "ema", "dropout"):
            value = getattr(self, name)
            check(0.0 <= value < 1.0, f"{name} is {value:g}, it has to lie within 0..1, 1 excluded")
        check(self.mine_every >= 0, f"mine_every is {self.mine_every}, it must not be negative")
        for name in ("decay", "frame_weight", "focal"):
            value = getattr(self, name)
            check(0.0 <= value < math.inf, f"{name} is {value:g}, it must not be negative")

    @property
    def labels(self) -> tuple[str, ...]:
        """What the model tells apart: the words, anything else that is said, and no speech."""
        return (*self.words, UNKNOWN, SILENCE)

    def network(self, features: FeatureConfig) -> NetworkConfig:
        """The network of this recipe, for frames like these."""
        return NetworkConfig(
            labels=len(self.labels),
            bins=features.bins,
            sample_rate_hz=features.sample_rate_hz,
            bands=self.bands,
            channels=self.channels,
            features=self.features,
            dropout=self.dropout,
        )

    def mix_of(self, epoch: int) -> MixRecipe:
        """How the examples of an epoch, counted from 0, are drawn."""
        return (
            self.finish_mix if epoch >= self.epochs - round(self.finish * self.epochs) else self.mix
        )

    @property
    def taken(self) -> dict[str, float]:
        """What is taken back from the scores of unknown and silence at the end, by label: `prior`
        times what they owe to being drawn more often than a word."""
        last = self.mix_of(self.epochs - 1).excess(len(self.words))
        return {label: self.prior * max(0.0, excess) for label, excess in last.items()}

    def owed(self, epochs: int, *, finished: bool = False) -> dict[str, float]:
        """What unknown and silence owe to how often they were drawn in the last of some epochs:
        the logarithm of how much likelier than a word they are to a model before it hears anything.
        finished: `taken` was taken back."""
        drawn = self.mix_of(max(epochs, 1) - 1).excess(len(self.words))
        taken = self.taken if finished else {}
        return {label: excess - taken.get(label, 0.0) for label, excess in drawn.items()}

    @property
    def caution(self) -> float:
        """The detector's, that gives other speech in streams again what was taken from it."""
        return min(math.exp(self.taken.get(UNKNOWN, 0.0)), MOST_CAUTION)
