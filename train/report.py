"""The report of a run: pictures and one page, made from the run's folder alone.

A run that was interrupted, or is older than the report, is told about as far as it went.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from kwspot.audio.source import SAMPLE_RATE_HZ
from kwspot.errors import OptionError, TrainingError
from kwspot.spotting.checkpoint import SILENCE, UNKNOWN, Checkpoint, load

from .environment import keep_environment
from .facts import COMPLETE
from .intervals import wilson
from .pictures.alluvial import alluvial_picture, flows, hidden_note
from .pictures.confusion import confusion_picture
from .pictures.learning import finder_picture, learning_picture, read_finder, read_metrics
from .pictures.page import Mistake, Page, Picture, numbers_table
from .pictures.per_word import WordScore, per_word_picture, word_scores
from .pictures.spectrum import heard_picture
from .report_facts import duration, fact_tables, headlines, learning_text
from .state import RECIPE_FILE
from .verdicts import Progress, Verdicts, heard, judged, validation_clips
from .writing import write_whole

REPORT_FILE = "report.html"
PICTURES = ("learning.png", "lr_finder.png", "confusion.png", "alluvial.png", "words.png")
MISTAKES = 12
NOT_WORDS = (UNKNOWN, SILENCE)


def write_report(run: Path, progress: Progress) -> Path:
    """Write report.html and its PNGs into a run's folder; returns the page's path.

    progress: called with how many of how many validation clips the model has named.
    Raises OptionError where no run is, ModelError for a damaged model, TrainingError where the
    folder cannot be read or written.
    """
    if not (run / RECIPE_FILE).is_file():
        raise OptionError(
            f"{run} holds no run ({RECIPE_FILE} is missing); `kwspot train --out RUN` makes one"
        )
    environment = keep_environment(run, "report")
    lines = read_metrics(run)
    model = run / "model.safetensors"
    checkpoint = load(model) if model.is_file() else None
    verdicts = None
    if checkpoint is not None:
        clips = validation_clips(run, checkpoint.labels)
        verdicts = judged(checkpoint, clips, progress) if clips else None
        verdicts = verdicts if verdicts is not None and verdicts.clips else None
    facts = {} if checkpoint is None else checkpoint.facts
    pictures = _pictures(run, facts, lines, verdicts)
    mistakes = [] if checkpoint is None or verdicts is None else _mistakes(checkpoint, verdicts)
    page = Page(
        title=f"kwspot training run: {run.absolute().name}",
        introduction=_introduction(facts, lines),
        figures=headlines(facts, lines, verdicts),
        warnings=_warnings(checkpoint, lines, verdicts),
        pictures=pictures,
        mistakes=mistakes,
        facts=fact_tables(facts, environment, lines),
        recipe=_text(run / RECIPE_FILE),
    )
    _write(run, page)
    return run / REPORT_FILE


def _write(run: Path, page: Page) -> None:
    """Write the pictures, then the page; pictures of an earlier report that are none now go."""
    named = {picture.file: picture.data for picture in page.pictures}
    named |= {mistake.file: mistake.picture for mistake in page.mistakes}
    for name, data in named.items():
        write_whole(run / name, data)
    for name in {*PICTURES, *map(mistake_file, range(1, MISTAKES + 1))} - named.keys():
        (run / name).unlink(missing_ok=True)
    write_whole(run / REPORT_FILE, page.html().encode())


def mistake_file(place: int) -> str:
    """The picture of a mistake by its place, from 1."""
    return f"mistake-{place:02d}.png"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror}") from error


def _introduction(facts: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str:
    words = facts.get("recipe", {}).get("words", ())
    told = f"A model of {len(words)} words: {', '.join(words)}. " if words else ""
    spent = sum(float(line.get("seconds", 0.0)) for line in lines)
    if lines:
        told += f"{len(lines)} epochs are recorded here, {duration(spent)} of training. "
    return f"{told}Everything on this page is in this one file."


def _warnings(
    checkpoint: Checkpoint | None, lines: Sequence[Mapping[str, Any]], verdicts: Verdicts | None
) -> list[str]:
    found = []
    if checkpoint is None:
        return ["No epoch was finished: there is no model yet."]
    left = _left(checkpoint.facts, lines)
    if left is not None:
        found.append(f"The run was left {left}; --resume goes on with it.")
    if not lines:
        found.append("There is no metrics.jsonl: how the run went is not known.")
    if verdicts is None:
        found.append("No clip of the validation split can be read: the model is unmeasured here.")
    elif verdicts.unreadable:
        count = len(verdicts.unreadable)
        found.append(
            f"{count} validation clips can no longer be read and are left out; the first: "
            f"{verdicts.unreadable[0]}"
        )
    return found


def _left(facts: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str | None:
    """Where a run was left before its end, None where it came to it."""
    recipe = facts.get("recipe", {})
    if COMPLETE in facts or "epochs_run" in facts:
        return None
    # The model may be of an earlier epoch than the last, where it was better.
    done = lines[-1]["epoch"] if lines else facts.get("epochs")
    planned = recipe.get("epochs")
    if not planned or not done:
        return None
    if done < planned:
        return f"after epoch {done} of {planned}"
    rest = (
        "its test" if recipe.get("recipe") == "seed" else "the thresholds of the words were chosen"
    )
    return f"before {rest}"


def _pictures(
    run: Path,
    facts: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    verdicts: Verdicts | None,
) -> list[Picture]:
    found = []
    if lines:
        found.append(
            Picture(
                "learning.png",
                "Learning curves",
                learning_text(facts, lines),
                learning_picture(lines),
            )
        )
    finder = read_finder(run)
    if finder is not None:
        found.append(
            Picture(
                "lr_finder.png",
                "Learning-rate finder",
                "The rate rises from batch to batch of a trial; a good highest rate lies where the "
                "loss still falls steeply, well before it explodes.",
                finder_picture(finder),
            )
        )
    return found if verdicts is None else found + _verdict_pictures(verdicts)


def _verdict_pictures(verdicts: Verdicts) -> list[Picture]:
    confusion, labels = verdicts.confusion(), verdicts.labels
    scores = word_scores(confusion, labels)
    words = [score for score in scores if score.word not in NOT_WORDS]
    found = flows(confusion)
    others = f" Other words of the data count as {UNKNOWN}." if UNKNOWN in labels else ""
    pictures = [
        Picture(
            "confusion.png",
            "What was named as what",
            f"{len(verdicts.clips):,} validation clips, the label with the highest score, no "
            f"threshold.{others}",
            confusion_picture(confusion, labels),
        ),
        Picture(
            "alluvial.png",
            "Where the errors come from",
            "Predictions on the left flow into targets on the right: grey where they agree, an "
            f"error in the colour of what was predicted. {hidden_note(found)}.",
            alluvial_picture(found, labels),
        ),
    ]
    if words:
        pictures.append(
            Picture(
                "words.png",
                "Each word",
                "Recall is the share of a word's clips that were named so, precision the share of "
                "what was named so that was the word. Few clips make wide intervals.",
                per_word_picture(words),
                _words_table(scores),
            )
        )
    return pictures


def _words_table(scores: Sequence[WordScore]) -> str:
    rows = []
    for score in scores:
        cells = [score.word, str(score.clips)]
        for share, total in ((score.recall, score.clips), (score.precision, score.named)):
            low, high = wilson(score.right, total)
            cells.append(f"{share:.1%} ({low:.1%} to {high:.1%})" if total else "-")
        rows.append(cells)
    header = ("label", "clips", "recall (95 %)", "precision (95 %)")
    return numbers_table(header, rows, "as numbers")


def _mistakes(checkpoint: Checkpoint, verdicts: Verdicts) -> list[Mistake]:
    found = []
    for rank, place in enumerate(verdicts.worst(MISTAKES), 1):
        clip = verdicts.clips[place]
        samples = heard(clip.path, checkpoint.features.span_samples)
        said = clip.word if clip.word == clip.label else f"{clip.word} ({clip.label})"
        sound = io.BytesIO()
        soundfile.write(sound, samples, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
        found.append(
            Mistake(
                said=said,
                named=verdicts.labels[int(verdicts.named[place])],
                score=float(np.max(verdicts.posteriors[place])),
                source=f"{clip.path.parent.name}/{clip.path.name}",
                file=mistake_file(rank),
                picture=heard_picture(samples, checkpoint.features),
                sound=sound.getvalue(),
            )
        )
    return found
