"""The cascade of tagger and mood classifier: from pictures to the probabilities of moods."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sized
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models.device import cpu_count
from imagemood.models.loading import load_models
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_output import ALL_OUTPUTS
from imagemood.pictures import decoder_processes, decoding, memory_budget
from imagemood.pictures.picture import Decoder, Picture
from imagemood.pictures.picture_like import PictureLike, Pictures, as_picture, as_pictures
from imagemood.prediction import explanation
from imagemood.prediction.batch_size import max_batch_size
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.pipeline import predict_batch, predict_stream
from imagemood.prediction.result import Result
from imagemood.prediction.stages import Outputs, Stages


class Cascade:
    """A tagger followed by a mood classifier.

    The tagger scores the tags of a picture and computes its embedding; the mood classifier predicts the
    probabilities of moods from these.

    Parameters
    ----------
    tagger : Tagger
        Stage one.
    mood_classifier : MoodClassifier, optional
        Stage two, which must know some of the tagger's tags. Without it, only `tag_many` can be used.
    n_workers : int, optional
        Number of threads that decode and predict. Defaults to the number of CPU cores.
    n_views : int
        1, or 2 to average over each picture and its mirror image: slightly more accurate, but twice as slow.
    decoder : callable, optional
        Decodes picture files, as `DecoderProcesses.decode` does. By default, the threads decode them.

    Raises
    ------
    IncompatibleModelError
        If the mood classifier does not know any of the tagger's tags, or needs visual features that this version
        does not compute.
    InputError
        If `n_views` is neither 1 nor 2.

    Examples
    --------
    >>> from sklearn.datasets import load_sample_image
    >>> cascade = Cascade.load()
    >>> result = cascade.classify(load_sample_image("flower.jpg"))
    >>> round(sum(result.moods.values()), 6)
    1.0
    """

    def __init__(
        self,
        tagger: Tagger,
        mood_classifier: MoodClassifier | None = None,
        *,
        n_workers: int | None = None,
        n_views: int = 1,
        decoder: Decoder = decoding.decode,
    ) -> None:
        if n_views not in (1, 2):
            raise InputError(f"n_views is {n_views}, but must be 1 or 2")
        memory_budget.configured_bytes()  # raises an error in the setting before any picture is read
        self.tagger = tagger
        self.n_views = n_views
        self.mood_classifier = mood_classifier
        self.n_workers = n_workers or cpu_count()
        self.decoder = decoder
        self._stages = Stages(tagger, mood_classifier, n_views)

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        tagger: str | Path | None = None,
        n_workers: int | None = None,
        n_views: int = 1,
        device: str = "auto",
        decode_timeout_s: float | None = None,
    ) -> Cascade:
        """Load the models of a cascade.

        Parameters
        ----------
        model : str or Path, optional
            Model directory or name of a built-in model. Defaults to the built-in model ``default``.
        tagger : str or Path, optional
            A tagger, as for `Tagger.load`. Defaults to the tagger in the model directory or, if it has none, the
            built-in tagger.
        n_workers, n_views : int, optional
            Parameters of the class.
        device : str
            Device that runs the tagger's network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
        decode_timeout_s : float, optional
            Decode picture files in separate processes, and end the decoding of a picture after this many seconds.
            A picture that takes longer, needs too much memory or crashes its decoder has an `ImageError`.

        Raises
        ------
        ModelError
            If a model is missing or damaged, the models do not fit each other, or the model directory contains
            another tagger than the given one.
        InputError
            If the device does not exist or cannot be used.
        """
        decoder = decoder_processes.decoder(decode_timeout_s)
        loaded, mood_classifier = load_models(model, tagger, device=device)
        return cls(loaded, mood_classifier, n_workers=n_workers, n_views=n_views, decoder=decoder)

    def classify(self, picture: PictureLike, outputs: Outputs = ALL_OUTPUTS) -> Result:
        """Classify one picture, on all cores.

        Parameters
        ----------
        picture : picture-like
            A path or URL, the content of a picture file (bytes), a file object, an image of Pillow, an array of
            NumPy or a tensor of PyTorch, a dictionary with ``bytes`` or ``path``, or a `Picture`.
        outputs : collection of {'tags', 'embedding', 'mood_maps', 'visual'}
            What to compute in addition to the moods. The built-in models are faster without tags.

        Returns
        -------
        Result
            Moods, and the requested outputs.

        Raises
        ------
        MoodError
            If the picture cannot be read (`InputError`, `RemoteError`) or decoded (`ImageError`).
        """
        self.require_mood_classifier()
        picture = as_picture(picture)
        pixels = picture.decode(self.tagger.size_px, resizing=self.tagger.resizing, decoder=self.decoder)
        return self._stages.predict([picture.name], pixels[np.newaxis], outputs=outputs)[0]

    def classify_many(self, pictures: Pictures, outputs: Outputs = ALL_OUTPUTS) -> Iterator[Result]:
        """Classify many pictures in several threads.

        Parameters
        ----------
        pictures : str, Path, or iterable of picture-like
            A folder or glob pattern; an iterable of pictures as in `classify`; or an array of several pictures, of
            shape ``(n, height, width, channels)`` or ``(n, channels, height, width)``. An iterator is consumed a
            few pictures ahead of the results, so it may be endless.
        outputs : collection of str
            As in `classify`.

        Yields
        ------
        Result
            Moods and outputs, or an `error` if a picture is missing or cannot be used. There is one result for
            each element of an iterable, in the same order.
        """
        self.require_mood_classifier()
        return self._predict_stream(pictures, outputs)

    def classify_batch(
        self, pictures: list[Picture], outputs: Outputs = ALL_OUTPUTS, *, use_all_cores: bool = False
    ) -> list[Result]:
        """Classify a batch of pictures in the caller's thread, with the results and errors of `classify_many`.

        Parameters
        ----------
        pictures : list of Picture
            The pictures; `batch_size` is the number with the highest throughput.
        outputs : collection of str
            As in `classify`.
        use_all_cores : bool
            Whether the networks may use all cores. Otherwise they use one core, unless `n_workers` is 1, so that
            several threads can call this method at the same time.
        """
        self.require_mood_classifier()
        stages = self._stages if use_all_cores else self._worker_stages
        predict = partial(stages.predict, outputs=outputs)
        return predict_batch(pictures, predict, self.tagger.size_px, self.tagger.resizing, self.decoder)

    def classify_without_tags(self, result: Result, tags: Collection[str]) -> Result:
        """Return the prediction for the same picture if some tags had score 0; unknown tags are ignored.

        The error of the result is raised if the picture could not be classified. The moods
        change only if the mood classifier uses tags; otherwise, `explain` says what changes.
        """
        if result.error is not None:
            raise result.error
        self.require_mood_classifier()
        return self._worker_stages.predict_without_tags(result, tags)

    def tag_many(self, pictures: Pictures, outputs: Outputs = ALL_OUTPUTS) -> Iterator[Result]:
        """Score the tags of many pictures in several threads, without predicting moods.

        Parameters
        ----------
        pictures, outputs
            As in `classify_many`.

        Yields
        ------
        Result
            The outputs, without moods; order and errors as in `classify_many`.
        """
        return self._predict_stream(pictures, outputs, with_moods=False)

    def explain(self, result: Result, mood: str | None = None) -> Explanation:
        """Explain a prediction of a mood, by default the most probable one, by tags and regions.

        If the mood classifier does not use tags, the built-in model ``tags`` says what follows from the tags
        alone, provided that it has the same moods and the tagger's tags. The error of the result is raised if the
        picture could not be classified, and an `InputError` if the mood is unknown.
        """
        return explanation.explain(self.require_mood_classifier(), result, self.tags_classifier, mood)

    @cached_property
    def tags_classifier(self) -> MoodClassifier | None:
        """The model that explains predictions by tags, see `explain`; None if there is none."""
        return explanation.tags_classifier(self.require_mood_classifier(), self.tagger.labels)

    @property
    def batch_size(self) -> int:
        """Batch size with the highest throughput on the tagger's device."""
        return max_batch_size(on_gpu=self.tagger.network.on_gpu)

    def require_mood_classifier(self) -> MoodClassifier:
        """Return the mood classifier, or raise `IncompatibleModelError` if the cascade has none."""
        if self.mood_classifier is None:
            raise IncompatibleModelError("this cascade has no mood classifier", hint="use tag_many")
        return self.mood_classifier

    @cached_property
    def _worker_stages(self) -> Stages:
        # Several workers with one core each are faster than one worker with all cores.
        return self._stages if self.n_workers == 1 else self._stages.with_threads(1)

    def _predict_stream(self, pictures: Pictures, outputs: Outputs, with_moods: bool = True) -> Iterator[Result]:
        found = as_pictures(pictures)
        is_one = isinstance(found, Sized) and len(found) == 1
        stages, n_workers = (self._stages, 1) if is_one else (self._worker_stages, self.n_workers)
        predict = partial(stages.predict, outputs=outputs, with_moods=with_moods)
        return predict_stream(
            found,
            predict,
            size_px=self.tagger.size_px,
            resizing=self.tagger.resizing,
            n_workers=n_workers,
            batch_size=self.batch_size,
            decoder=self.decoder,
        )
