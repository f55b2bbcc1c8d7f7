"""Reads the training set that the options of a command select."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.cli import output
from imagemood.cli.dataset_options import LabelOrder, TrainingSetOptions, VoteUse
from imagemood.cli.options import check_standard_input

if TYPE_CHECKING:
    from imagemood.errors import MoodError
    from imagemood.evaluation.label_measures import LabelMeasures
    from imagemood.evaluation.metrics import Evaluation
    from imagemood.learning import TrainingSet
    from imagemood.learning.datasets.labelled_dataset import LabelledDataset
    from imagemood.learning.labelled_pictures import LabelledPictures
    from imagemood.prediction.cascade import Cascade

_SOURCES = "use --tags FILE with --labels FILE, or --images FOLDER, or --example"
_ALL_SPLITS = "all"


@dataclass(frozen=True)
class ChosenTrainingSet:
    """A training set and, if it was computed from photos, the photos and the cascade that tagged them."""

    training_set: TrainingSet
    photos: LabelledPictures | None = None
    cascade: Cascade | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 1 if some photos failed, otherwise 0."""
        return int(self.photos is not None and len(self.photos.failures) > 0)

    def official_parts(self) -> tuple[ChosenTrainingSet | None, ChosenTrainingSet]:
        """Return the official splits train and test; or None, and all pictures if there are no such splits."""
        if self.photos is None:
            return None, self
        splits = [labelled.split for labelled in self.photos.labelled]
        if not {"train", "test"} <= set(splits):
            return None, self
        train, test = (
            self.photos.take([i for i, split in enumerate(splits) if split == name]) for name in ("train", "test")
        )
        return (
            replace(self, training_set=train.training_set, photos=train),
            replace(self, training_set=test.training_set, photos=test),
        )

    def measure_labels(self, evaluation: Evaluation) -> LabelMeasures:
        """Compare the predictions of an evaluation with the votes and ratings of the photos."""
        from imagemood.evaluation.label_measures import LabelMeasures, measure_labels

        if self.photos is None:
            return LabelMeasures()
        return measure_labels(self.photos.labelled, evaluation.probabilities, evaluation.labels)

    def report_failure(self, failure: MoodError) -> None:
        """Report a photo that can no longer be read."""
        output.report_error(failure)
        if self.photos is not None:
            self.photos.failures.append(failure)


@dataclass(frozen=True)
class TrainingSetReader:
    """Reads labelled images, and computes the inputs from pictures with a tagger; the work folder keeps them."""

    options: TrainingSetOptions
    tagger: Path | None = None
    device: str = "auto"
    work: Path | None = None

    def read(
        self, inputs: tuple[str, ...] | None = None, *, splits: tuple[str, ...] = ("train",)
    ) -> ChosenTrainingSet:
        """Read the training set.

        The inputs default to tags and embedding for photos, and to all for tag rows. Of a dataset with official
        splits, the pictures of `splits` are read unless the options select others.
        """
        from imagemood.errors import InputError

        options = self.options
        has_rows = options.tags is not None or (options.labels is not None and options.images is None)
        if sum((has_rows, options.images is not None, options.example)) != 1:
            raise InputError("exactly one training set is required", hint=_SOURCES)
        if options.features is not None and options.tags is None:
            raise InputError("--features requires --tags", hint="for pictures, use --inputs tags+visual")
        check_standard_input(options.files())
        if options.images is not None:
            return self._from_pictures(options.images, inputs, splits)
        if options.images_format is not None or options.split is not None:
            raise InputError("--images-format and --split require pictures", hint="use --images FOLDER")
        if inputs is not None and "embedding" in inputs:
            raise InputError(f"--inputs {'+'.join(inputs)} requires pictures", hint="use --images FOLDER")
        training_set = self._from_rows()
        self._check_tagger(training_set)
        return ChosenTrainingSet(training_set if inputs is None else training_set.select(inputs))

    def _from_rows(self) -> TrainingSet:
        from imagemood import tables
        from imagemood.errors import InputError
        from imagemood.learning import TrainingSet

        options = self.options
        if options.example:
            return TrainingSet.example()
        if options.tags is None or options.labels is None:
            raise InputError("--tags and --labels require each other", hint=_SOURCES)
        visual = None if options.features is None else tables.read_features(options.features)
        labels = tables.read_labels(options.labels)
        tags = tables.read_batches(options.tags)
        return TrainingSet.from_rows(tags, labels, visual, sort_names=options.label_order is LabelOrder.sorted)

    def _check_tagger(self, training_set: TrainingSet) -> None:
        """Raise an error if the tagger for which a model will be trained has none of the tags."""
        from imagemood.errors import IncompatibleModelError
        from imagemood.models.model_directory import tagger_at

        if self.tagger is None:
            return
        if not set(tagger_at(self.tagger).card().labels) & set(training_set.vocabulary):
            raise IncompatibleModelError(
                "the training set has none of the tagger's tags",
                where=str(self.tagger),
                hint="use tag rows that imagemood tag wrote with this tagger",
            )

    def read_dataset(self, images: str, splits: tuple[str, ...]) -> LabelledDataset:
        """Read the labels of a dataset, and report how they were read."""
        from imagemood.errors import InputError
        from imagemood.learning.datasets.labelled_dataset import read_dataset

        split, folders = self.options.split, self.options.folders
        dataset = read_dataset(
            images,
            labels=self.options.labels,
            format_name=self.options.images_format,
            options=folders.options,
            on_skip=folders.skip,
        )
        output.inform(str(dataset))
        if self.options.votes is VoteUse.majority:
            dataset = dataset.by_majority()
        if split is not None and not dataset.splits and split != _ALL_SPLITS:
            raise InputError(f"the pictures have no split '{split}'", where=images, hint="omit --split")
        if split == _ALL_SPLITS or not dataset.splits:
            return dataset
        _report_without("split; --split all uses them", [one.split for one in dataset.pictures])
        if split is None:
            return dataset.of_splits([name for name in splits if name in dataset.splits] or dataset.splits)
        chosen = split.split("+")
        if unknown := [name for name in chosen if name not in dataset.splits]:
            hint = f"use one or more of {', '.join(dataset.splits)}, joined by +, or all"
            raise InputError(f"no split '{unknown[0]}'", where=images, hint=hint)
        return dataset.of_splits(chosen)

    def read_moods(self, images: str, splits: tuple[str, ...]) -> LabelledDataset:
        """Read the labels of a dataset as `read_dataset` does, and leave out pictures without a mood."""
        from imagemood.errors import InputError

        dataset = self.read_dataset(images, splits)
        if not dataset.has_moods:
            raise InputError(
                "the pictures have valence and arousal, but no moods",
                where=dataset.root,
                hint="use imagemood evaluate with --model, which compares them with the predictions",
            )
        _report_without("mood", [one.mood for one in dataset.pictures])
        return dataset.with_moods()

    def _from_pictures(
        self, images: str, inputs: tuple[str, ...] | None, splits: tuple[str, ...]
    ) -> ChosenTrainingSet:
        from imagemood.learning.feature_rows import default_inputs
        from imagemood.learning.labelled_pictures import compute_features
        from imagemood.models.tagger import Tagger
        from imagemood.prediction.cascade import Cascade

        cascade = Cascade(Tagger.load(self.tagger, device=self.device))
        cache = work_file(self.work, "photos.npz")
        dataset = self.read_moods(images, splits)
        inputs = inputs or default_inputs(cascade.tagger)
        with output.progress("Reading pictures") as tick:
            photos = compute_features(dataset, cascade, inputs=inputs, cache=cache, progress=tick)
        for failure in photos.failures:
            output.report_error(failure)
        return ChosenTrainingSet(photos.training_set, photos, cascade)


def _report_without(what: str, values: list[str]) -> None:
    """Report the number of pictures for which a value is empty."""
    if n := values.count(""):
        output.report_skipped(f"{n:,} picture{'' if n == 1 else 's'} without a {what}")


def work_file(work: Path | None, name: str) -> Path | None:
    """Create the work folder if needed and return the path of a file in it; return None without a work folder.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from imagemood._files import check_file, check_folder, create_folder

    if work is None:
        return None
    check_folder(work)
    create_folder(work)
    check_file(work / name)
    return work / name
