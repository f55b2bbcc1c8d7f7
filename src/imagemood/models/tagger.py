"""Stage one: pictures to the scores of their tags, and the embedding behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood import builtin
from imagemood.errors import IncompatibleModelError, ModelError
from imagemood.models.network import Network
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagging import Tagging
from imagemood.pictures import decoding

_N_CACHED = 2  # what more pictures need at once no longer fits the caches of a core


class Tagger:
    """Stage one of the cascade: an image classifier whose class scores serve as tags.

    Parameters
    ----------
    network : Network
        An image classifier with one input: pictures as uint8 or float32, ``(n, 3, size, size)`` or
        ``(n, size, size, 3)``.
    card : TaggerCard
        How to feed it and what its scores are called.

    Attributes
    ----------
    labels : tuple of str
        Names of the tags, in the order of the scores.
    size_px : int
        Side of the square that every picture is brought to.

    Raises
    ------
    IncompatibleModelError
        If network and card do not fit each other.

    Examples
    --------
    >>> tagger = Tagger.load()
    >>> tagging = tagger.predict(np.zeros((2, 224, 224, 3), dtype=np.uint8))
    >>> tagging.scores.shape, tagging.embedding.shape
    ((2, 1000), (2, 1600))
    """

    def __init__(self, network: Network, card: TaggerCard) -> None:
        self.network = network
        self.card = card
        self.labels = card.labels
        self.size_px = card.size_px
        self._channels_first = self._check_input()
        self._scores = card.scores or next(iter(network.outputs))
        for output in (self._scores, card.embedding, card.moods, card.mood_maps):
            if output is not None and output not in network.outputs:
                known = ", ".join(network.outputs)
                raise IncompatibleModelError(
                    f"has no output '{output}'", where=network.name, hint=f"it has {known}"
                )
        n_scores = network.outputs[self._scores][-1]
        if isinstance(n_scores, int) and n_scores != len(card.labels):
            raise IncompatibleModelError(
                f"gives {n_scores} scores but the card names {len(card.labels)} labels", where=network.name
            )
        n_moods = network.outputs[card.mood_maps][1:2] if card.mood_maps else ()
        if n_moods and n_moods[0] != len(card.mood_labels):
            raise IncompatibleModelError(
                f"gives {n_moods[0]} maps but the card names {len(card.mood_labels)} moods", where=network.name
            )

    def _check_input(self) -> bool:
        if len(self.network.inputs) != 1:
            raise IncompatibleModelError(
                f"takes {len(self.network.inputs)} inputs, not one picture", where=self.network.name
            )
        ((self._input, shape),) = self.network.inputs.items()
        self._dtype = {"uint8": np.uint8, "float": np.float32}.get(self.network.input_types[self._input])
        channels_first = len(shape) == 4 and shape[1] == 3
        sides = shape[2:] if channels_first else shape[1:3]
        fixed = {side for side in sides if isinstance(side, int)} - {self.size_px}
        if self._dtype is None or len(shape) != 4 or 3 not in (shape[1], shape[3]) or fixed:
            raise IncompatibleModelError(
                f"takes {self.network.input_types[self._input]} of shape {list(shape)}, "
                f"not colour pictures of {self.size_px}×{self.size_px} pixels",
                where=self.network.name,
            )
        self._fixed_batch = shape[0] if isinstance(shape[0], int) else None
        if self._fixed_batch not in (None, 1):
            raise IncompatibleModelError(
                f"takes exactly {self._fixed_batch} pictures at a time",
                where=self.network.name,
                hint="export it with a batch of 1 or of any size",
            )
        return channels_first

    @classmethod
    def load(cls, path: str | Path | None = None, *, n_threads: int | None = None, device: str = "auto") -> Tagger:
        """Load the built-in tagger, or any ONNX image classifier with its card beside it.

        Parameters
        ----------
        path : str or Path, optional
            The ONNX file; its card has the same name and ends in ``.json``. The built-in one by default.
        n_threads : int, optional
            Threads that one run may use; all cores by default.
        device : str
            Where to run the network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

        Returns
        -------
        Tagger
            Ready to use.

        Raises
        ------
        ModelError
            If the network or its card is missing or damaged.
        InputError
            If there is no such device, or it was asked for and cannot be used.
        """
        path = builtin.path("network.onnx") if path is None else Path(path)
        if not path.is_file():
            raise ModelError("no such file", where=str(path), hint="give an ONNX image classifier")
        network = Network(path, n_threads=n_threads, device=device)
        tagger = cls(network, TaggerCard.read(path.with_suffix(".json")))
        black = np.zeros((1, tagger.size_px, tagger.size_px, 3), dtype=np.uint8)
        network.try_out(**{tagger._input: tagger._normalise(black)})
        return tagger

    def with_threads(self, n_threads: int) -> Tagger:
        """Make a tagger that gives the same answers with another number of threads.

        Parameters
        ----------
        n_threads : int
            Threads that one run may use.

        Returns
        -------
        Tagger
            A new one.
        """
        return Tagger(self.network.with_threads(n_threads), self.card)

    def read(self, data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
        """Decode a picture to the size that the network takes.

        Parameters
        ----------
        data : bytes
            A picture file's content.
        name : str
            What to call it in error messages.

        Returns
        -------
        ndarray of shape (size_px, size_px, 3), uint8
            Red, green and blue.

        Raises
        ------
        ImageError
            If it cannot be decoded.
        """
        return decoding.decode(data, name=name, size_px=self.size_px)

    def predict(self, pictures: NDArray[np.uint8]) -> Tagging:
        """Score the tags of pictures.

        Parameters
        ----------
        pictures : ndarray of shape (n_images, size_px, size_px, 3), uint8
            Red, green and blue, as `read` gives them.

        Returns
        -------
        Tagging
            Scores, embedding and maps, in the order of the pictures.

        Raises
        ------
        ModelError
            If the network fails, or gives what are no probabilities.
        """
        answers = self._run(self._normalise(pictures))
        scores = answers[self._scores].reshape(len(pictures), -1)
        if self.card.logits:
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores /= scores.sum(axis=1, keepdims=True)
        elif len(scores) and not (scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < 1e-3):
            raise ModelError(
                "gives scores that do not sum to 1",
                where=self.network.name,
                hint='say "logits": true in the JSON beside it',
            )
        embedding = None
        if self.card.embedding is not None:
            embedding = answers[self.card.embedding].reshape(len(pictures), -1)
        return Tagging(scores, embedding, None if self.card.mood_maps is None else answers[self.card.mood_maps])

    def _normalise(self, pictures: NDArray[np.uint8]) -> NDArray[Any]:
        pixels: NDArray[Any] = pictures
        if self._dtype is np.float32:
            mean, std = (np.asarray(part, dtype=np.float32) for part in (self.card.mean, self.card.std))
            factor = np.float32(1) / (np.float32(self.card.scale) * std)
            pixels = pictures * factor - mean / std
        if self._channels_first:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        return pixels

    def _run(self, pixels: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        n_most = self._fixed_batch or (len(pixels) if self.network.on_gpu else _N_CACHED * self.network.n_threads)
        if len(pixels) <= n_most:
            return self.network.run(**{self._input: pixels})
        starts = range(0, len(pixels), n_most)
        parts = [self.network.run(**{self._input: pixels[start : start + n_most]}) for start in starts]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
