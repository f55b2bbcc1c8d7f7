"""The cascade of tagger and mood classifier: from pictures to the probabilities of moods."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sized
from functools import partial

import numpy as np
from numpy.typing import NDArray

from imagemood.models.tagger_output import ALL_OUTPUTS
from imagemood.pictures.picture import Picture
from imagemood.pictures.picture_like import PictureLike, Pictures, as_picture, as_pictures, is_collection
from imagemood.prediction import embeddings, explanation
from imagemood.prediction.embeddings import OnError
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.loaded_models import LoadedModels
from imagemood.prediction.pipeline import predict_batch, predict_stream, with_picture
from imagemood.prediction.progress import Progress, track
from imagemood.prediction.result import Result, check_result
from imagemood.prediction.results import Results
from imagemood.prediction.stages import Outputs

DEFAULT_OUTPUTS = ("embedding", "mood_maps")
"""The default outputs of `Cascade.classify_many` besides the moods, which take almost no additional time."""


class Cascade(LoadedModels):
    """A tagger followed by a mood classifier.

    The tagger scores the tags of a picture and computes its embedding; the mood classifier predicts the
    probabilities of moods from these.

    Several threads can use one cascade at the same time. A cascade can be pickled and copied: a process that
    unpickles it loads the models again from where they were, once, after a check of their hash. It also works in
    processes that were forked.

    Parameters
    ----------
    tagger : Tagger
        Stage one.
    mood_classifier : MoodClassifier, optional
        Stage two, which must know some of the tagger's tags. Without it, only `tag_many` and `embed` can be used.
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

    def classify(self, picture: PictureLike, outputs: Outputs = ALL_OUTPUTS) -> Result:
        """Classify one picture, on all cores.

        Parameters
        ----------
        picture : picture-like
            As for `imagemood.classify`.
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
        (result,) = self._stages.predict([picture.name], pixels[np.newaxis], outputs=outputs)
        return with_picture(result, picture)

    def classify_many(
        self, pictures: Pictures, outputs: Outputs = DEFAULT_OUTPUTS, *, progress: Progress = False
    ) -> Results:
        """Classify many pictures in several threads.

        Parameters
        ----------
        pictures, outputs, progress
            As for `imagemood.classify_many`.

        Returns
        -------
        Results
            An iterator over the results, as for `imagemood.classify_many`.
        """
        classifier = self.require_mood_classifier()
        return Results(self._predict_stream(pictures, outputs, progress=progress), classifier.labels)

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

        Returns
        -------
        list of Result
            One result for each picture, in the same order.
        """
        self.require_mood_classifier()
        stages = self._stages if use_all_cores else self._worker_stages
        predict = partial(stages.predict, outputs=outputs)
        return predict_batch(pictures, predict, self.tagger.size_px, self.tagger.resizing, self.decoder)

    def classify_without_tags(self, result: Result, tags: Collection[str]) -> Result:
        """Return the prediction for the same picture if some tags had score 0.

        Parameters
        ----------
        result : Result
            A prediction with tags. If the picture could not be classified, its error is raised.
        tags : collection of str
            The tags; unknown ones are ignored.

        Returns
        -------
        Result
            Its moods differ only if the mood classifier uses tags; otherwise, `explain` says what changes.
        """
        check_result(result)
        if result.error is not None:
            raise result.error
        self.require_mood_classifier()
        return self._worker_stages.predict_without_tags(result, tags)

    def tag_many(
        self, pictures: Pictures, outputs: Outputs = ALL_OUTPUTS, *, progress: Progress = False
    ) -> Results:
        """Score the tags of many pictures in several threads, without predicting moods.

        Parameters
        ----------
        pictures, outputs, progress
            As in `classify_many`.

        Returns
        -------
        Results
            The outputs, without moods; order and errors as in `classify_many`.
        """
        return Results(self._predict_stream(pictures, outputs, with_moods=False, progress=progress))

    def embed(
        self, pictures: Pictures, *, errors: OnError | None = None, progress: Progress = False
    ) -> NDArray[np.float32]:
        """Compute the embeddings of one or many pictures in several threads.

        Parameters
        ----------
        pictures, errors, progress
            As for `imagemood.embed`.

        Returns
        -------
        ndarray of shape (n_pictures, n_embedding), float32
            One row for each picture, in the same order.

        Raises
        ------
        IncompatibleModelError
            If the tagger computes no embedding.

        Examples
        --------
        >>> from imagemood.pictures import samples
        >>> Cascade.load().embed([samples.all_samples()[0].path, None], errors="nan").shape
        (2, 1280)
        """
        width = self.embedding_width
        results = self._predict_stream(pictures, ("embedding",), with_moods=False, progress=progress)
        on_error = errors or ("nan" if is_collection(pictures) else "raise")
        return embeddings.stack(results, "embedding", width, errors=on_error, warn=errors is None)

    def explain(self, result: Result, mood: str | None = None) -> Explanation:
        """Explain a prediction by tags and regions.

        If the mood classifier does not use tags, the built-in model ``tags`` says what follows from the tags
        alone, provided that it has the same moods and the tagger's tags.

        Parameters
        ----------
        result : Result
            A prediction. If the picture could not be classified, its error is raised.
        mood : str, optional
            The mood to explain. Defaults to the most probable one. An unknown one is an `InputError`.

        Returns
        -------
        Explanation
            The contributions of the tags and the heat map, as far as the result has tags and mood maps.
        """
        check_result(result)
        return explanation.explain(self.require_mood_classifier(), result, self.tags_classifier, mood)

    def _predict_stream(
        self, pictures: Pictures, outputs: Outputs, *, with_moods: bool = True, progress: Progress
    ) -> Generator[Result]:
        found = as_pictures(pictures)
        total = len(found) if isinstance(found, Sized) else None
        stages, n_workers = (self._stages, 1) if total == 1 else (self._worker_stages, self.n_workers)
        predict = partial(stages.predict, outputs=outputs, with_moods=with_moods)
        results = predict_stream(
            found,
            predict,
            size_px=self.tagger.size_px,
            resizing=self.tagger.resizing,
            n_workers=n_workers,
            batch_size=self.batch_size,
            decoder=self.decoder,
        )
        return results if progress is False else track(results, total, progress)
