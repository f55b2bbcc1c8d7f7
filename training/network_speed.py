"""The speed of networks, and the agreement of their tags."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import OutputName

N_PER_TURN, N_WARM_UP = 20, 5  # photos
MOODS_ONLY: Collection[OutputName] = frozenset(("embedding",))
"""The outputs that the classification of a picture without tags needs."""

Pixels = NDArray[np.uint8]


def times(runs: Mapping[str, tuple[Tagger, Collection[OutputName]]], pixels: Pixels) -> dict[str, float]:
    """Return the median milliseconds per decoded photo on all cores.

    Each run is a network and the outputs that it computes. The networks take turns after every few photos, of
    which the first ones do not count: the threads of the network before are then still waiting for work, which
    occupies the cores.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for start in range(0, len(pixels), N_PER_TURN):
        for name, (tagger, outputs) in runs.items():
            turn = [_seconds(tagger, outputs, photo) for photo in pixels[start : start + N_PER_TURN]]
            seconds[name] += turn[N_WARM_UP:]
    return {name: float(np.median(values)) * 1000 for name, values in seconds.items()}


def _seconds(tagger: Tagger, outputs: Collection[OutputName], photo: Pixels) -> float:
    start = time.perf_counter()
    tagger.predict(photo[np.newaxis], outputs)
    return time.perf_counter() - start


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
