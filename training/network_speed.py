"""The speed of networks, and the agreement of their tags."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import OutputName

N_WARM_UP = 5
MOODS_ONLY: Collection[OutputName] = frozenset(("embedding",))
"""The outputs that the classification of a picture without tags needs."""

Pixels = NDArray[np.uint8]


def times(runs: Mapping[str, tuple[Tagger, Collection[OutputName]]], pixels: Pixels) -> dict[str, float]:
    """Return the median milliseconds per decoded photo, after warm-up, on all cores, networks alternately.

    Each run is a network and the outputs that it computes.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for photo in pixels:
        for name, (tagger, outputs) in runs.items():
            start = time.perf_counter()
            tagger.predict(photo[np.newaxis], outputs)
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(values[N_WARM_UP:])) * 1000 for name, values in seconds.items()}


def agreement(ours: Tagger, original: Tagger, pixels: Pixels) -> dict[str, float]:
    """Return the largest difference from the scores of the original network, and how often its top tag is ours."""
    differences, same = [], []
    for start in range(0, len(pixels), 8):
        pair = [tagger.predict(pixels[start : start + 8], ("tags",)).scores for tagger in (ours, original)]
        differences.append(np.abs(pair[0] - pair[1]).max())
        same.append(pair[0].argmax(axis=1) == pair[1].argmax(axis=1))
    return {
        "same": float(np.concatenate(same).mean()),
        "largest_difference": float(max(differences)),
        "n_images": len(pixels),
    }
