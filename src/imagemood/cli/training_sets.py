"""The training set that a command's options name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.cli import output

if TYPE_CHECKING:
    from imagemood.learning import TrainingSet
    from imagemood.learning.labelled_photos import LabelledPhotos
    from imagemood.prediction.cascade import Cascade

_SOURCES = "give --tags FILE with --labels FILE, or --images FOLDER, or --example"


@dataclass(frozen=True)
class Chosen:
    """A training set, and the photos it was made of where there are any."""

    training_set: TrainingSet
    photos: LabelledPhotos | None = None
    cascade: Cascade | None = None

    @property
    def exit_code(self) -> int:
        """1 if photos had to be left out, else 0."""
        return int(self.photos is not None and len(self.photos.failures) > 0)


@dataclass(frozen=True)
class Options:
    """Where labelled images come from, as the command line says it."""

    tags: Path | None
    labels: Path | None
    images: Path | None
    example: bool
    features: Path | None = None
    tagger: Path | None = None
    work: Path | None = None
    device: str = "auto"

    def read(self, inputs: tuple[str, ...] | None = None) -> Chosen:
        """Read the one training set that is named, with these inputs; by default the usual ones of its kind."""
        from imagemood.errors import InputError

        named = (self.tags is not None or self.labels is not None, self.images is not None, self.example)
        if sum(named) != 1:
            raise InputError("needs exactly one training set", hint=_SOURCES)
        if self.features is not None and self.tags is None:
            raise InputError("--features goes with --tags", hint="pictures are measured with --inputs tags+visual")
        if self.images is not None:
            return self._from_pictures(self.images, inputs)
        if inputs is not None and "embedding" in inputs:
            raise InputError(f"--inputs {'+'.join(inputs)} needs pictures", hint="give --images FOLDER")
        training_set = self._from_rows()
        return Chosen(training_set if inputs is None else training_set.select(inputs))

    def _from_rows(self) -> TrainingSet:
        from imagemood import tables
        from imagemood.errors import InputError
        from imagemood.learning import TrainingSet

        if self.example:
            return TrainingSet.example()
        if self.tags is None or self.labels is None:
            raise InputError("tag rows and labels go together", hint=_SOURCES)
        visual = None if self.features is None else tables.read_features(self.features)
        return TrainingSet.from_rows(tables.read_batches(self.tags), tables.read_labels(self.labels), visual)

    def _from_pictures(self, images: Path, inputs: tuple[str, ...] | None) -> Chosen:
        from imagemood.learning.labelled_photos import read_photos
        from imagemood.models.tagger import Tagger
        from imagemood.prediction.cascade import Cascade

        cascade = Cascade(Tagger.load(self.tagger, device=self.device))
        if inputs is None:
            inputs = ("tags", "embedding") if cascade.tagger.card.embedding else ("tags",)
        stored = work_file(self.work, "photos.npz")
        with output.progress("Measuring") as tick:
            photos = read_photos(images, cascade, inputs=inputs, stored=stored, progress=tick)
        for failure in photos.failures:
            output.report_error(failure)
        return Chosen(photos.training_set, photos, cascade)


def parse_inputs(text: str) -> tuple[str, ...]:
    """Read inputs such as embedding+tags, in the order that models have them."""
    from imagemood.errors import InputError
    from imagemood.models.metadata import INPUTS

    names = text.split("+")
    unknown = [name for name in names if name not in INPUTS]
    if unknown or len(set(names)) < len(names):
        raise InputError(f"--inputs is '{text}'", hint=f"one or more of {', '.join(INPUTS)}, with + between")
    return tuple(name for name in INPUTS if name in names)


def work_file(work: Path | None, name: str) -> Path | None:
    """Name a file in the work folder, which is made if need be; None where there is none."""
    from imagemood.errors import InputError

    if work is None:
        return None
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", where=str(work), hint="give a folder") from error
    return work / name
