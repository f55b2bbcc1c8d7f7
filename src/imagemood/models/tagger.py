"""Stage one of the cascade: the scores of a picture's tags, and the embedding."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood import builtin
from imagemood.errors import IncompatibleModelError, ModelError
from imagemood.models.network import Network
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_output import TaggerOutput
from imagemood.pictures import decoding

_PICTURES_PER_THREAD = 2  # the intermediate results of more pictures do not fit the caches of a core


class Tagger:
    """Stage one of the cascade: an image classifier whose class scores serve as scores of tags.

    Parameters
    ----------
    network : Network
        An image classifier with one input: pictures as uint8 or float32, of shape ``(n, 3, size_px, size_px)`` or
        ``(n, size_px, size_px, 3)``.
    card : TaggerCard
        Normalisation of the pictures, and names of the network's outputs and tags.

    Attributes
    ----------
    labels : tuple of str
        Names of the tags, in the order of the scores.
    size_px : int
        Side of the square picture that the network takes, in pixels.
    network, card
        The parameters of the same names.

    Raises
    ------
    IncompatibleModelError
        If the network and the card do not match.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> tagger = Tagger.load()
    >>> temple = load_sample_image("china.jpg")[50:274, 100:324]
    >>> output = tagger.predict(temple[np.newaxis])
    >>> output.scores.shape, output.embedding.shape, tagger.labels[output.scores[0].argmax()]
    ((1, 1000), (1, 1600), 'palace')
    """

    def __init__(self, network: Network, card: TaggerCard) -> None:
        self.network = network
        self.card = card
        self.labels = card.labels
        self.size_px = card.size_px
        self._scores_output = card.scores or next(iter(network.outputs))
        self._check_inputs()
        self._check_outputs()

    def _check_inputs(self) -> None:
        network = self.network
        if len(network.inputs) != 1:
            raise IncompatibleModelError(
                f"the network takes {len(network.inputs)} inputs instead of one picture", where=network.name
            )
        ((self._input, shape),) = network.inputs.items()
        self._dtype = {"uint8": np.uint8, "float": np.float32}.get(network.input_types[self._input])
        self._channels_first = len(shape) == 4 and shape[1] == 3
        sides = shape[2:] if self._channels_first else shape[1:3]
        other_sizes = {side for side in sides if isinstance(side, int)} - {self.size_px}
        if self._dtype is None or len(shape) != 4 or 3 not in (shape[1], shape[3]) or other_sizes:
            raise IncompatibleModelError(
                f"the network takes {network.input_types[self._input]} of shape {list(shape)} instead of "
                f"colour pictures of {self.size_px}×{self.size_px} pixels",
                where=network.name,
            )
        self._fixed_batch = shape[0] if isinstance(shape[0], int) else None
        if self._fixed_batch not in (None, 1):
            raise IncompatibleModelError(
                f"the network takes batches of exactly {self._fixed_batch} pictures",
                where=network.name,
                hint="export it with a batch size of 1, or with a variable batch size",
            )

    def _check_outputs(self) -> None:
        network, card = self.network, self.card
        for output in (self._scores_output, card.embedding, card.moods, card.mood_maps):
            if output is not None and output not in network.outputs:
                hint = f"the outputs are {', '.join(network.outputs)}"
                raise IncompatibleModelError(
                    f"the network has no output '{output}'", where=network.name, hint=hint
                )
        n_scores = network.outputs[self._scores_output][-1]
        if isinstance(n_scores, int) and n_scores != len(card.labels):
            raise IncompatibleModelError(
                f"the network has {n_scores} scores, but its card has {len(card.labels)} labels",
                where=network.name,
            )
        n_maps = network.outputs[card.mood_maps][1:2] if card.mood_maps else ()
        if n_maps and n_maps[0] != len(card.mood_labels):
            raise IncompatibleModelError(
                f"the network has {n_maps[0]} mood maps, but its card has {len(card.mood_labels)} mood_labels",
                where=network.name,
            )

    @classmethod
    def load(cls, path: str | Path | None = None, *, n_threads: int | None = None, device: str = "auto") -> Tagger:
        """Load the built-in tagger, or any ONNX image classifier that has a card.

        Parameters
        ----------
        path : str or Path, optional
            The ONNX file. Its card is the file with the same name and the extension ``.json``. Defaults to the
            built-in tagger.
        n_threads : int, optional
            Number of threads that one run may use. Defaults to the number of CPU cores.
        device : str
            Device that runs the network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

        Raises
        ------
        ModelError
            If the network or its card is missing or invalid.
        InputError
            If the device is unknown or not usable.

        Examples
        --------
        >>> Tagger.load(device="cpu").labels[:2]
        ('tench, Tinca tinca', 'goldfish, Carassius auratus')
        """
        path = builtin.path("network.onnx") if path is None else Path(path)
        if not path.is_file():
            hint = "give the path of an ONNX image classifier"
            raise ModelError("No such file or directory", where=str(path), hint=hint)
        network = Network(path, n_threads=n_threads, device=device)
        tagger = cls(network, TaggerCard.read(path.with_suffix(".json")))
        black = np.zeros((1, tagger.size_px, tagger.size_px, 3), dtype=np.uint8)
        network.ensure_device_works(**{tagger._input: tagger._normalised(black)})
        return tagger

    def with_threads(self, n_threads: int) -> Tagger:
        """Return a tagger with the same results that uses `n_threads` threads (at least 1) in each run."""
        return Tagger(self.network.with_threads(n_threads), self.card)

    def decode(self, data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
        """Decode a picture to the size that the network takes.

        Parameters
        ----------
        data : bytes
            Content of a picture file.
        name : str
            Name of the picture in error messages.

        Returns
        -------
        ndarray of shape (size_px, size_px, 3), uint8
            Red, green and blue.

        Raises
        ------
        ImageError
            If the picture cannot be decoded.
        """
        return decoding.decode(data, name=name, size_px=self.size_px)

    def predict(self, pictures: NDArray[np.uint8]) -> TaggerOutput:
        """Predict the scores of the tags for a batch of pictures.

        Parameters
        ----------
        pictures : ndarray of shape (n_images, size_px, size_px, 3), uint8
            Red, green and blue, as `decode` returns them.

        Returns
        -------
        TaggerOutput
            Scores in [0, 1] that sum to 1 for each picture, and the embedding and mood maps if the network has
            these outputs.

        Raises
        ------
        ModelError
            If the network fails, or its scores are not probabilities.
        """
        outputs = self._run(self._normalised(pictures))
        scores = _flattened(outputs[self._scores_output])
        if self.card.logits:
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores /= scores.sum(axis=1, keepdims=True)
        elif len(scores) and not (scores.min() >= 0 and np.abs(scores.sum(axis=1) - 1).max() < 1e-3):
            raise ModelError(
                "the scores do not sum to 1",
                where=self.network.name,
                hint='set "logits": true in the tagger card',
            )
        embedding = None
        if self.card.embedding is not None:
            embedding = _flattened(outputs[self.card.embedding])
        return TaggerOutput(
            scores, embedding, None if self.card.mood_maps is None else outputs[self.card.mood_maps]
        )

    def _normalised(self, pictures: NDArray[np.uint8]) -> NDArray[Any]:
        pixels: NDArray[Any] = pictures
        if self._dtype is np.float32:
            mean, std = (np.asarray(value, dtype=np.float32) for value in (self.card.mean, self.card.std))
            factor = np.float32(1) / (np.float32(self.card.scale) * std)
            pixels = pictures * factor - mean / std
        if self._channels_first:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        return pixels

    def _run(self, pixels: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        n_pictures = len(pixels) if self.network.on_gpu else _PICTURES_PER_THREAD * self.network.n_threads
        n_pictures = self._fixed_batch or n_pictures
        if len(pixels) <= n_pictures:
            return self.network.run(**{self._input: pixels})
        starts = range(0, len(pixels), n_pictures)
        parts = [self.network.run(**{self._input: pixels[start : start + n_pictures]}) for start in starts]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _flattened(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one row for each picture; pooled outputs often have the shape (n, channels, 1, 1)."""
    return output.reshape(len(output), math.prod(output.shape[1:]))
