"""Stage one of the cascade: the scores of a picture's tags, and the embedding."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError
from imagemood.models import model_directory
from imagemood.models.network import Network
from imagemood.models.output_checks import Parts, as_finite, check_rows, join, softmax
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_files import TaggerFiles
from imagemood.models.tagger_output import ALL_OUTPUTS, OutputName, TaggerOutput
from imagemood.models.tagger_signature import check_input, check_outputs
from imagemood.models.trial import Trial
from imagemood.pictures.pixels import decoding

_TOLERANCE = 1e-3  # of the sum of the scores
_PICTURES_PER_THREAD = 2  # the intermediate results of more pictures do not fit the caches of a core


class Tagger:
    """Stage one of the cascade: an image classifier whose class scores serve as scores of tags.

    Parameters
    ----------
    network : Network
        An image classifier with one input: pictures as uint8 or float32, of shape ``(n, 3, size_px, size_px)`` or
        ``(n, size_px, size_px, 3)``. It may have further, optional inputs that switch outputs off: Boolean
        scalars that the card names.
    card : TaggerCard
        Normalisation of the pictures, and names of the network's outputs and tags.

    Attributes
    ----------
    labels : tuple of str
        Names of the tags, in the order of the scores. Empty if the network computes only an embedding.
    size_px : int
        Side of the square picture that the network takes, in pixels.
    resizing : Resizing or None
        How a picture becomes this square. None if it is resized to it without keeping the aspect ratio.
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
    ((1, 1000), (1, 1280), 'palace')
    """

    def __init__(self, network: Network, card: TaggerCard) -> None:
        self.network = network
        self.card = card
        self.labels = card.labels
        self.size_px = card.size_px
        self.resizing = card.resizing
        self._input = check_input(network, card)
        self._outputs = check_outputs(network, card)

    @classmethod
    def load(cls, path: str | Path | None = None, *, n_threads: int | None = None, device: str = "auto") -> Tagger:
        """Load the built-in tagger, or any ONNX image classifier that has a card.

        Parameters
        ----------
        path : str or Path, optional
            The ONNX file, whose card has the same name and the extension ``.json``; a folder with ``network.onnx``
            and ``network.json``; or a model directory that contains its tagger. Defaults to the built-in tagger.
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
        return cls.from_files(model_directory.tagger_at(path), n_threads=n_threads, device=device)

    @classmethod
    def from_files(cls, files: TaggerFiles, *, n_threads: int | None = None, device: str = "auto") -> Tagger:
        """Load a tagger from its two files; the other parameters and the errors are those of `load`."""
        card = files.card()
        trial = None if files.is_builtin else Trial(card.size_px)
        network = Network(
            files.read_network, name=files.network_name, n_threads=n_threads, device=device, trial=trial
        )
        tagger = cls(network, card)
        black = np.zeros((1, tagger.size_px, tagger.size_px, 3), dtype=np.uint8)
        network.ensure_device_works(**{tagger._input.name: tagger._normalised(black)})
        return tagger

    def __reduce__(self) -> tuple[type[Tagger], tuple[Network, TaggerCard]]:
        return type(self), (self.network, self.card)

    def with_threads(self, n_threads: int) -> Tagger:
        """Return a tagger with the same results that uses `n_threads` threads (at least 1) in each run."""
        return Tagger(self.network.with_threads(n_threads), self.card)

    def require_tags(self, hint: str) -> None:
        """Raise `IncompatibleModelError` with a hint if the network computes only an embedding, and no tags."""
        if not self.labels:
            raise IncompatibleModelError(f"the tagger '{self.card.name}' has no tags", hint=hint)

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
        return decoding.decode(data, name=name, size_px=self.size_px, resizing=self.resizing)

    def predict(self, pictures: NDArray[np.uint8], outputs: Collection[OutputName] = ALL_OUTPUTS) -> TaggerOutput:
        """Predict the scores of the tags, the embedding and the mood maps of a batch of pictures.

        Parameters
        ----------
        pictures : ndarray of shape (n_images, size_px, size_px, 3), uint8
            Red, green and blue, as `decode` returns them.
        outputs : collection of {'tags', 'embedding', 'mood_maps'}
            What to compute. A network whose card has `switches`, such as the built-in one, is faster without tags.

        Returns
        -------
        TaggerOutput
            Scores in [0, 1] that sum to 1 for each picture, the embedding and the mood maps, as far as the network
            has these outputs.

        Raises
        ------
        ModelError
            If the network fails, or its scores are not probabilities.
        """
        where, names = self.network.name, {key: name for key, name in self._outputs.items() if key in outputs}
        parts = self._run(self._normalised(pictures), list(names.values()))
        scores = embedding = maps = None
        if (name := names.get("tags")) is not None:
            scores = self._scores(join(parts, name, (len(self.labels),), where, flat=True))
        if (name := names.get("embedding")) is not None:
            embedding = as_finite(join(parts, name, (None,), where, flat=True), name, where)
        if (name := names.get("mood_maps")) is not None:
            maps = as_finite(join(parts, name, (len(self.card.mood_labels), None, None), where), name, where)
        return TaggerOutput(scores, embedding, maps)

    def _scores(self, scores: NDArray[np.floating]) -> NDArray[np.float32]:
        if self.card.logits:
            return softmax(scores, self._outputs["tags"], self.network.name)
        probabilities: NDArray[np.float32] = scores.astype(np.float32, copy=False)
        is_valid = (probabilities.min(axis=1) >= 0) & (np.abs(probabilities.sum(axis=1) - 1) < _TOLERANCE)
        hint = 'set "logits": true in the tagger card'
        check_rows(is_valid, "the scores do not sum to 1", self.network.name, hint=hint)
        return probabilities

    def _normalised(self, pictures: NDArray[np.uint8]) -> NDArray[Any]:
        pixels: NDArray[Any] = pictures
        if self._input.dtype is np.float32:
            factor, offset = self.card.factor_and_offset
            pixels = pictures * factor - offset
        if self._input.channels_first:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        return pixels

    def _run(self, pixels: NDArray[Any], outputs: Collection[str]) -> Parts:
        if not outputs:
            return []
        n_pictures = len(pixels) if self.network.on_gpu else _PICTURES_PER_THREAD * self.network.n_threads
        n_pictures = self._input.batch_size or n_pictures
        starts = range(0, max(1, len(pixels)), max(1, n_pictures))
        parts = [pixels[start : start + n_pictures] for start in starts]
        switches = {name: np.array(not set(on).isdisjoint(outputs)) for name, on in self.card.switches.items()}
        return [(len(part), self.network.run(*outputs, **{self._input.name: part}, **switches)) for part in parts]
