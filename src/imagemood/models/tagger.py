"""Stage one of the cascade: the scores of a picture's tags, and the embedding."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError
from imagemood.models import model_directory
from imagemood.models.network import Network
from imagemood.models.output_checks import Parts, as_finite, check_is_float, check_rows, join, softmax
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_files import TaggerFiles
from imagemood.models.tagger_output import ALL_OUTPUTS, OutputName, TaggerOutput
from imagemood.models.trial import Trial
from imagemood.pictures import decoding

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
    ((1, 1000), (1, 1280), 'palace')
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
        for switch in self.card.switches:
            if switch not in network.switches:
                raise IncompatibleModelError(
                    f"the network has no optional Boolean input '{switch}'", where=network.name
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
        switched = itertools.chain.from_iterable(card.switches.values())
        for output in (self._scores_output, card.embedding, card.moods, card.mood_maps, *switched):
            if output is not None and output not in network.outputs:
                hint = f"the outputs are {', '.join(network.outputs)}"
                raise IncompatibleModelError(
                    f"the network has no output '{output}'", where=network.name, hint=hint
                )
        self._outputs: dict[OutputName, str | None] = {
            "tags": self._scores_output,
            "embedding": card.embedding,
            "mood_maps": card.mood_maps,
        }
        for name in filter(None, self._outputs.values()):
            check_is_float(name, network.output_types, network.name)
        n_scores = network.outputs[self._scores_output][-1:]
        if n_scores and isinstance(n_scores[0], int) and n_scores[0] != len(card.labels):
            raise IncompatibleModelError(
                f"the network has {n_scores[0]} scores, but its card has {len(card.labels)} labels",
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
            Scores in [0, 1] that sum to 1 for each picture, and the embedding and mood maps if the network has
            these outputs.

        Raises
        ------
        ModelError
            If the network fails, or its scores are not probabilities.
        """
        where, names = self.network.name, {key: name for key, name in self._outputs.items() if key in outputs}
        parts = self._run(self._normalised(pictures), [name for name in names.values() if name is not None])
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
            return softmax(scores, self._scores_output, self.network.name)
        probabilities: NDArray[np.float32] = scores.astype(np.float32, copy=False)
        is_valid = (probabilities.min(axis=1) >= 0) & (np.abs(probabilities.sum(axis=1) - 1) < _TOLERANCE)
        hint = 'set "logits": true in the tagger card'
        check_rows(is_valid, "the scores do not sum to 1", self.network.name, hint=hint)
        return probabilities

    def _normalised(self, pictures: NDArray[np.uint8]) -> NDArray[Any]:
        pixels: NDArray[Any] = pictures
        if self._dtype is np.float32:
            factor, offset = self.card.factor_and_offset
            pixels = pictures * factor - offset
        if self._channels_first:
            pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        return pixels

    def _run(self, pixels: NDArray[Any], outputs: Collection[str]) -> Parts:
        if not outputs:
            return []
        n_pictures = len(pixels) if self.network.on_gpu else _PICTURES_PER_THREAD * self.network.n_threads
        n_pictures = self._fixed_batch or n_pictures
        starts = range(0, max(1, len(pixels)), max(1, n_pictures))
        parts = [pixels[start : start + n_pictures] for start in starts]
        switches = {name: np.array(not set(on).isdisjoint(outputs)) for name, on in self.card.switches.items()}
        return [(len(part), self.network.run(*outputs, **{self._input: part}, **switches)) for part in parts]
