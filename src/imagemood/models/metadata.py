"""What a model knows of itself: labels, vocabulary, how it was trained and how well it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from imagemood.errors import BundleError

FORMAT_VERSION = 1
"""Version of the model directory's format."""
INPUTS = ("tags", "embedding", "visual")
"""What a mood classifier may be fed, in this order."""


@dataclass(frozen=True)
class ModelMetadata:
    """Metadata of a mood classifier.

    Attributes
    ----------
    labels : tuple of str
        The moods, in the order of the probabilities.
    vocabulary : tuple of str
        The tags, in the order of the input's columns; empty without tags.
    inputs : tuple of str
        One or more of `INPUTS`, in that order.
    prior : dict of str to float
        Share of each mood in the training set.
    algorithm : str
        Name of the algorithm.
    parameters : dict
        Its parameters.
    training_set : dict
        ``n_images``, ``n_tags``, ``images_per_mood`` and ``sha256``, the fingerprint.
    metrics : dict
        Cross-validated figures; empty where none were measured.
    versions : dict of str to str
        What it was made with.
    visual : tuple of str
        Names of the visual features, in the order of the input's columns; empty without them.
    """

    labels: tuple[str, ...]
    vocabulary: tuple[str, ...]
    inputs: tuple[str, ...]
    prior: dict[str, float]
    algorithm: str
    parameters: dict[str, Any]
    training_set: dict[str, Any]
    metrics: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    visual: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the metadata as JSON can hold it.

        Returns
        -------
        dict
            The fields, and ``format_version``.
        """
        return {"format_version": FORMAT_VERSION, **asdict(self)}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any], *, where: str = "metadata.json") -> ModelMetadata:
        """Check metadata read from JSON.

        Parameters
        ----------
        fields : mapping
            What `to_dict` gave.
        where : str
            The file's name, for error messages.

        Returns
        -------
        ModelMetadata
            The checked metadata.

        Raises
        ------
        BundleError
            If the format's version is not ours, or a field is missing or wrong.
        """
        version = fields.get("format_version")
        if version != FORMAT_VERSION:
            raise BundleError(
                f"has format version {version!r}, not {FORMAT_VERSION}",
                where=where,
                hint="train the model again, or use the version of imagemood that wrote it",
            )
        labels = _names(fields, "labels", where)
        inputs = _names(fields, "inputs", where)
        if inputs != tuple(name for name in INPUTS if name in inputs):
            raise BundleError(f"inputs are {list(inputs)}, not known ones", where=where)
        prior = _mapping(fields, "prior", where)
        if set(prior) != set(labels) or not all(isinstance(p, int | float) and p >= 0 for p in prior.values()):
            raise BundleError("prior does not give each label a probability", where=where)
        return cls(
            labels=labels,
            vocabulary=_names(fields, "vocabulary", where) if "tags" in inputs else (),
            inputs=inputs,
            prior={label: float(prior[label]) for label in labels},
            algorithm=str(fields.get("algorithm", "unknown")),
            parameters=_mapping(fields, "parameters", where),
            training_set=_mapping(fields, "training_set", where),
            metrics=_mapping(fields, "metrics", where),
            versions=_mapping(fields, "versions", where),
            visual=_names(fields, "visual", where) if "visual" in inputs else (),
        )


def _names(fields: Mapping[str, Any], field_name: str, where: str) -> tuple[str, ...]:
    names = fields.get(field_name)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise BundleError(f"{field_name} is no list of names", where=where)
    if len(set(names)) != len(names):
        raise BundleError(f"{field_name} names something twice", where=where)
    return tuple(names)


def _mapping(fields: Mapping[str, Any], field_name: str, where: str) -> dict[str, Any]:
    value = fields.get(field_name)
    if not isinstance(value, dict):
        raise BundleError(f"{field_name} is no JSON object", where=where)
    return value
