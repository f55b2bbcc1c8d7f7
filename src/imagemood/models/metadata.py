"""Metadata of a mood classifier: its labels and inputs, how it was trained, and how well it performs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from imagemood.errors import ModelDirectoryError
from imagemood.models.json_files import decode_file

FORMAT_VERSION = 1
"""Version of the format of model directories."""
INPUTS = ("tags", "embedding", "visual")
"""The possible inputs of a mood classifier, in order."""

Name = Annotated[str, Meta(min_length=1)]
Share = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class ModelMetadata(msgspec.Struct, frozen=True):
    """Metadata of a mood classifier, as in ``metadata.json``."""

    labels: Annotated[tuple[Name, ...], Meta(min_length=1)]  # the moods, in the order of the probabilities
    vocabulary: tuple[Name, ...]  # the tags, in the order of the columns of the input; empty without tags
    inputs: Annotated[tuple[str, ...], Meta(min_length=1)]  # one or more of INPUTS, in that order
    prior: dict[str, Share]  # share of each mood in the training set
    algorithm: str
    parameters: dict[str, Any]  # of the algorithm
    training_set: dict[str, Any]  # n_images, n_tags, images_per_mood, and the fingerprint, sha256
    metrics: dict[str, Any] = {}  # of the cross-validation or of a validation set; empty if nothing was measured
    versions: dict[str, str] = {}  # of the packages with which the model was trained
    visual: tuple[Name, ...] = ()  # the visual features, in the order of the columns of the input
    network: str = (
        ""  # SHA-256 of the tagger's network that computed the embedding, unless the directory contains it
    )

    def __post_init__(self) -> None:
        # msgspec appends the location to the message of a ValueError.
        for field in ("labels", "vocabulary", "visual"):
            check_different(getattr(self, field), field)
        if self.inputs != tuple(name for name in INPUTS if name in self.inputs):
            raise ValueError(
                f"inputs must be one or more of {', '.join(INPUTS)} in this order, not {list(self.inputs)}"
            )
        for name, columns in (("tags", "vocabulary"), ("visual", "visual")):
            if name in self.inputs and not getattr(self, columns):
                raise ValueError(f"{columns} is empty, although inputs contains {name}")
        if set(self.prior) != set(self.labels):
            raise ValueError("prior does not contain exactly the labels")
        if not 0 < sum(self.prior.values()) < math.inf:
            raise ValueError("prior does not have a positive, finite sum")
        for value, schema in ((self.training_set, _TrainingSetSummary), (self.metrics, _Metrics)):
            if value:
                _check(value, schema)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields and ``format_version``, as they are written to JSON."""
        return {"format_version": FORMAT_VERSION, **msgspec.structs.asdict(self)}

    @classmethod
    def from_json(cls, content: bytes, *, where: str = "metadata.json") -> ModelMetadata:
        """Decode and check the content of ``metadata.json``."""
        version = decode_file(content, _Versioned, where=where, error_class=ModelDirectoryError).format_version
        if type(version) is not int or version != FORMAT_VERSION:
            raise ModelDirectoryError(
                f"format version {version!r} is not supported, only {FORMAT_VERSION}",
                where=where,
                hint="train the model again, or use the version of imagemood that wrote it",
            )
        return decode_file(content, cls, where=where, error_class=ModelDirectoryError)


class _Versioned(msgspec.Struct):
    format_version: Any = None


class _TrainingSetSummary(msgspec.Struct):
    n_images: Count = 0
    images_per_mood: dict[str, Count] = {}


class _ClassMetrics(msgspec.Struct):
    precision: float
    recall: float
    f1: float
    support: Count


class _Valence(msgspec.Struct):
    accuracy: float


class _Intervals(msgspec.Struct):
    confidence_level: float
    n_resamples: Count
    accuracy: tuple[float, float]
    per_class: dict[str, dict[str, tuple[float, float]]] = {}


class _Metrics(msgspec.Struct):
    n_images: Count = 0
    n_folds: Count = 0
    accuracy: float = 0
    macro_f1: float = 0
    calibration_error: float = 0
    per_class: dict[str, _ClassMetrics] = {}
    top_two_accuracy: float | None = None
    valence: _Valence | None = None
    intervals: _Intervals | None = None


def _check(value: dict[str, Any], schema: type) -> None:
    """Check the fields that model cards and commands show; others are not used."""
    try:
        msgspec.convert(value, schema)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def check_different(names: Iterable[str], field: str) -> None:
    """Raise `ValueError` if a name occurs twice.

    Examples
    --------
    >>> check_different(["awe", "fear", "awe"], "labels")
    Traceback (most recent call last):
    ...
    ValueError: labels contains 'awe' twice
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{field} contains '{name}' twice")
        seen.add(name)
