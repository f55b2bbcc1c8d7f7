"""Checks that an exported tagger prepares pictures and computes outputs as the original network does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import ModelError, first_line
from imagemood.exporting.libraries import import_library, quiet
from imagemood.exporting.original import EMBEDDING, SCORES, Original
from imagemood.models.tagger import Tagger
from imagemood.pictures.pixels import decoding

MAX_OUTPUT_DIFFERENCE = 1e-4
"""Largest difference of a score, and of a logit or a feature relative to the largest one."""
MAX_PIXEL_DIFFERENCE = 1.0
"""Largest mean difference of the prepared pixels, in levels from 0 to 255."""
_SHAPES = ((1.8, 1.35), (1.25, 1.9), (2.7, 4.5))
"""The width and the height of the test pictures, relative to the size to which they are resized."""


@dataclass(frozen=True)
class Agreement:
    """The largest differences between an exported tagger and its original.

    Attributes
    ----------
    scores : float
        The largest difference of a score, or of a logit relative to the largest one, for the same prepared
        pictures; 0 if there are none.
    embedding : float
        The largest difference of a feature relative to the largest one.
    pixels : float
        The mean difference of the prepared pixels, in levels from 0 to 255.
    n_embedding : int
        The number of features of the embedding.
    """

    scores: float
    embedding: float
    pixels: float
    n_embedding: int


def check_agreement(original: Original, tagger: Tagger) -> Agreement:
    """Compare a tagger with its original on test pictures; raise `ModelError` if they differ too much."""
    from scipy import special  # noqa: PLC0415 (part of an extra)

    pictures = [_picture(size, seed) for seed, size in enumerate(_sizes(tagger))]
    pixels = np.stack(
        [decoding.convert(picture, size_px=tagger.size_px, resizing=tagger.resizing) for picture in pictures]
    )
    prepared = _prepared(original, pictures)
    factor, offset = tagger.card.factor_and_offset
    own = (pixels * factor - offset).transpose(0, 3, 1, 2)
    levels = np.abs(own - prepared) / np.reshape(factor, (-1, 1, 1))
    output, expected = tagger.predict(pixels), _outputs(original, own)
    embedding = output.embedding if output.embedding is not None else np.zeros((1, 0), np.float32)
    scores = 0.0
    if SCORES in expected and output.scores is not None:
        logits = _logits(tagger, own)
        scores = max(
            float(np.abs(output.scores - special.softmax(expected[SCORES], axis=1)).max()),
            _relative_difference(logits, expected[SCORES]),  # scores of many tags can all be close to 0
        )
    agreement = Agreement(
        scores=scores,
        embedding=_relative_difference(embedding, expected[EMBEDDING]),
        pixels=float(levels.mean()),
        n_embedding=embedding.shape[1],
    )
    difference, where = max(agreement.scores, agreement.embedding), original.card.source
    if not difference <= MAX_OUTPUT_DIFFERENCE:
        limit = f"more than {MAX_OUTPUT_DIFFERENCE:g}"
        raise ModelError(
            f"the exported network differs from the original by {difference:.1g}, {limit}", where=where
        )
    if not agreement.pixels <= MAX_PIXEL_DIFFERENCE:
        what = "pictures cannot be prepared as the original network needs them: they would differ by "
        hint = "use another network of the same family"
        raise ModelError(f"{what}{agreement.pixels:.1f} of 255 levels", where=where, hint=hint)
    return agreement


def _sizes(tagger: Tagger) -> list[tuple[int, int]]:
    """Return the sizes of the test pictures; the longer side of the last is not a whole number when resized."""
    side_px = tagger.card.resize_px or tagger.size_px
    sizes = [(max(10, round(width * side_px)), max(10, round(height * side_px))) for width, height in _SHAPES]
    width, height = sizes[-1]
    fractions = {height + i: (height + i) * side_px / width % 1 for i in range(10)}
    return [*sizes[:-1], (width, max(fractions, key=fractions.__getitem__))]  # libraries round it in several ways


def _picture(size: tuple[int, int], seed: int) -> PIL.Image.Image:
    """Return a picture with smooth areas, edges and fine details, whose sides differ."""
    random = np.random.default_rng(seed)
    coarse = PIL.Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize(size, PIL.Image.Resampling.BICUBIC)).astype(np.int16)
    pixels[:: size[1] // 7] = 255 - pixels[:: size[1] // 7]
    pixels += random.integers(-20, 21, pixels.shape, dtype=np.int16)
    return PIL.Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _prepared(original: Original, pictures: list[PIL.Image.Image]) -> NDArray[np.float32]:
    try:
        with quiet():
            prepared: NDArray[np.float32] = np.stack([original.transform(picture).numpy() for picture in pictures])
    except Exception as error:  # many unrelated classes
        what = f"its library cannot prepare pictures: {first_line(error)}"
        raise ModelError(what, where=original.card.source) from error
    size = original.card.size_px
    if prepared.shape[1:] != (3, size, size):
        what = f"prepares pictures as {prepared.shape[2]}×{prepared.shape[3]} pixels, not {size}×{size}"
        raise ModelError(what, where=original.card.source)
    return prepared


def _outputs(original: Original, prepared: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    torch: Any = import_library("torch")
    with quiet(), torch.inference_mode():
        outputs = zip(original.outputs, original.module(torch.from_numpy(prepared)), strict=True)
        return {name: output.numpy() for name, output in outputs}


def _logits(tagger: Tagger, prepared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the logits of one picture after the other, so that two sizes of batches are checked."""
    (name,) = tagger.network.inputs
    runs = [tagger.network.run(SCORES, **{name: prepared[i : i + 1]}) for i in range(len(prepared))]
    return np.concatenate([run[SCORES] for run in runs])


def _relative_difference(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float(np.abs(found - expected).max()) / max(1e-12, float(np.abs(expected).max()))
