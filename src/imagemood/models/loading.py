"""Loads a mood classifier and its tagger, which is in the model directory, elsewhere, or built in."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from imagemood.errors import IncompatibleModelError
from imagemood.models import model_directory
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.run_limit import call_in_threads
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_files import TaggerFiles


def load_models(
    model: str | Path | None = None,
    tagger: str | Path | None = None,
    *,
    n_threads: int | None = None,
    device: str = "auto",
) -> tuple[Tagger, MoodClassifier]:
    """Load a mood classifier and its tagger; the parameters and errors are those of `Cascade.load`.

    Examples
    --------
    >>> tagger, classifier = load_models("tags")
    >>> tagger.labels == classifier.vocabulary
    True
    """
    files = choose_tagger(model, tagger)
    load_tagger = partial(Tagger.from_files, files, n_threads=n_threads, device=device)
    loaded, classifier = call_in_threads([load_tagger, partial(model_directory.load, model)])
    return loaded, classifier if n_threads is None else classifier.with_threads(n_threads)


def choose_tagger(model: str | Path | None = None, tagger: str | Path | None = None) -> TaggerFiles:
    """Return the tagger in the model directory or, if there is none, that at a path, by default the built-in one.

    Raises
    ------
    IncompatibleModelError
        If the model directory contains a tagger, and another one was given, or if the model was trained on the
        embedding of another network.
    ModelError
        If a file cannot be read.
    """
    contained = model_directory.find_tagger(model)
    if contained is not None and tagger is None:
        return contained
    chosen = model_directory.tagger_at(tagger)
    expected = "" if contained is not None else model_directory.read_metadata(model).network
    if expected and expected != chosen.network_sha256():
        raise IncompatibleModelError(
            f"the model was trained on the embedding of another network than {chosen.network_name}",
            where=str(model),
            hint="train the model again, or give the network with --tagger",
        )
    if contained is not None and contained.digests() != chosen.digests():
        raise IncompatibleModelError(
            f"the model contains the tagger it was trained with, which is not {tagger}",
            where=str(model),
            hint="omit --tagger, or train the model again with the other tagger",
        )
    return chosen
