"""Training sets from datasets of labelled pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from imagemood.errors import InputError, MoodError
from imagemood.learning import TrainingSet, training_set_file
from imagemood.learning.datasets.labelled_dataset import LabelledDataset, read_dataset
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.feature_rows import FeatureRows, visual_names
from imagemood.learning.soft_labels import vote_matrix
from imagemood.pictures.finding.selection import DEFAULT_OPTIONS, OnSkip, SearchOptions
from imagemood.pictures.finding.skipped import ignore
from imagemood.pictures.names import of_address, to_address
from imagemood.pictures.reading import storage
from imagemood.pictures.reading.addresses import join
from imagemood.prediction.cascade import Cascade
from imagemood.tables.memory import check_memory


@dataclass(frozen=True)
class LabelledPictures:
    """A training set, and the pictures that it was computed from.

    Attributes
    ----------
    training_set : TrainingSet
        Features of the readable pictures, in the order of moods and file names.
    paths : list of str
        The names of these pictures, which are their escaped paths.
    failures : list of MoodError
        Errors of the other pictures, of folders that cannot be listed, and of labels without a picture.
    labelled : list of LabelledPicture
        The pictures with all of their labels.
    """

    training_set: TrainingSet
    paths: list[str]
    failures: list[MoodError]
    labelled: list[LabelledPicture] = field(default_factory=list)

    def take(self, indices: Sequence[int]) -> LabelledPictures:
        """Return the pictures at some indices, in the order of the indices."""
        labelled = [self.labelled[i] for i in indices]
        return replace(
            self,
            training_set=self.training_set.take(indices),
            paths=[self.paths[i] for i in indices],
            labelled=labelled,
        )


def read_labelled_pictures(
    folder: str | Path,
    cascade: Cascade,
    *,
    inputs: Sequence[str] = ("tags", "embedding"),
    cache: str | Path | None = None,
    progress: Callable[[int, int], object] | None = None,
    options: SearchOptions = DEFAULT_OPTIONS,
    on_skip: OnSkip = ignore,
) -> LabelledPictures:
    """Read a dataset, and compute the features of its pictures.

    For the parameters and exceptions, see `imagemood.learning.datasets.labelled_dataset.read_dataset` and
    `compute_features`.
    """
    dataset = read_dataset(folder, options=options, on_skip=on_skip)
    return compute_features(dataset, cascade, inputs=inputs, cache=cache, progress=progress)


def compute_features(
    dataset: LabelledDataset,
    cascade: Cascade,
    *,
    inputs: Sequence[str] = ("tags", "embedding"),
    cache: str | Path | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> LabelledPictures:
    """Compute the features of the pictures of a dataset.

    Parameters
    ----------
    dataset : LabelledDataset
        The labelled pictures.
    cascade : Cascade
        Its tagger computes tags and embeddings.
    inputs : sequence of str
        Features to compute: one or more of ``tags``, ``embedding`` and ``visual``.
    cache : str or Path, optional
        A file for the features. It replaces reading the pictures as long as pictures, tagger and inputs are
        unchanged, and is written only if all pictures could be read.
    progress : callable, optional
        Called with the number of finished pictures and their total.

    Raises
    ------
    InputError
        If no picture can be read, or the tagger has no embedding.
    MissingExtraError
        If visual features are requested and their libraries are not installed.
    """
    source = "" if cache is None else _fingerprint(dataset, cascade, inputs)
    if cache is not None and (cached := training_set_file.read_training_set(cache, source=source)) is not None:
        return _labelled(cached, dataset.pictures, dataset.failures)
    _check_memory(len(dataset.pictures), cascade, inputs)
    features, labelled, failures = _compute(dataset, cascade, inputs, progress)
    if cache is not None and not failures:
        training_set_file.write_training_set(features, cache, source=source)
    return _labelled(features, labelled, [*dataset.failures, *failures])


def _labelled(
    features: TrainingSet, labelled: list[LabelledPicture], failures: list[MoodError]
) -> LabelledPictures:
    """Combine the features with the labels, which may have changed since the features were computed."""
    vote_moods, votes = vote_matrix(labelled)
    training_set = replace(features, moods=[one.mood for one in labelled], votes=votes, vote_moods=vote_moods)
    return LabelledPictures(training_set, [one.picture.name for one in labelled], list(failures), labelled)


def _fingerprint(dataset: LabelledDataset, cascade: Cascade, inputs: Sequence[str]) -> str:
    """Return a hash of everything that the features depend on, such as the size and modification time of files."""
    tagger = cascade.tagger
    digest = hashlib.sha256(repr((sorted(inputs), tagger.card, tagger.network.sha256())).encode())
    if "visual" in inputs:
        digest.update(repr(visual_names()).encode())
    prefix = of_address(join(dataset.root, ""))
    for labelled in dataset.pictures:
        name = labelled.picture.name
        digest.update(repr((name.removeprefix(prefix), *storage.version(to_address(name)))).encode())
    return digest.hexdigest()


def _check_memory(n_images: int, cascade: Cascade, inputs: Sequence[str]) -> None:
    embedding = cascade.tagger.network.outputs.get(cascade.tagger.card.embedding or "", (0,))[-1]
    widths = {
        "tags": len(cascade.tagger.labels),
        "embedding": embedding if isinstance(embedding, int) else 0,
        "visual": len(visual_names()) if "visual" in inputs else 0,
    }
    check_memory(n_images, sum(widths[name] for name in inputs))


def _compute(
    dataset: LabelledDataset,
    cascade: Cascade,
    inputs: Sequence[str],
    progress: Callable[[int, int], object] | None,
) -> tuple[TrainingSet, list[LabelledPicture], list[MoodError]]:
    """Return the features of the readable pictures, these pictures, and the errors of the others."""
    readable: list[LabelledPicture] = []
    failures: list[MoodError] = []
    features = FeatureRows(inputs)
    pictures = [labelled.picture for labelled in dataset.pictures]
    results = cascade.tag_many(pictures, inputs)
    for done, (labelled, result) in enumerate(zip(dataset.pictures, results, strict=True), start=1):
        if result.error is not None:
            failures.append(result.error)
        else:
            readable.append(labelled)
            features.append(result)
        if progress is not None:
            progress(done, len(pictures))
    if not readable:
        raise InputError("no picture can be read", where=of_address(dataset.root), hint=str(failures[0]))
    training_set = features.to_training_set([labelled.mood for labelled in readable], cascade.tagger)
    return training_set, readable, failures
