"""The features that a tagger computes of pictures, as the rows of a training set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError
from imagemood.learning.training_set import TrainingSet
from imagemood.models.tagger import Tagger
from imagemood.prediction.result import Result


def default_inputs(tagger: Tagger) -> tuple[str, ...]:
    """Return the inputs that mood classifiers use by default: tags and embedding, if the tagger computes them."""
    has_output = {"tags": tagger.labels, "embedding": tagger.card.embedding}
    return tuple(name for name, exists in has_output.items() if exists)


class FeatureRows:
    """Collects the features of pictures, one row for each.

    Parameters
    ----------
    inputs : sequence of str
        The features: one or more of ``tags``, ``embedding`` and ``visual``.
    """

    def __init__(self, inputs: Sequence[str]) -> None:
        self._rows: dict[str, list[NDArray[np.float32]]] = {name: [] for name in inputs}

    def append(self, result: Result) -> None:
        """Add the features of a picture; raise `InputError` if the tagger does not compute one of them."""
        features = result.inputs
        for name, rows in self._rows.items():
            row = features.get(name)
            if row is None:
                raise InputError(
                    f"the tagger does not compute the {name}",
                    hint="use other inputs, or describe this output in the tagger's card",
                )
            rows.append(row)

    def to_training_set(self, moods: Sequence[str], tagger: Tagger) -> TrainingSet:
        """Return the training set of the pictures, of which there must be at least one, and their moods."""
        matrices = {name: np.stack(rows) for name, rows in self._rows.items()}
        return TrainingSet(
            tags=matrices.get("tags"),
            vocabulary=tagger.labels if "tags" in matrices else (),
            moods=list(moods),
            embedding=matrices.get("embedding"),
            visual=matrices.get("visual"),
            visual_names=visual_names() if "visual" in matrices else (),
        )


def visual_names() -> tuple[str, ...]:
    """Return the names of the visual features."""
    from imagemood import visual  # noqa: PLC0415 (needs an optional dependency)

    return visual.NAMES
