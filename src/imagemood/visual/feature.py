"""Descriptions of visual features, from which their names, their order and their documentation are derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imagemood.visual.image_arrays import ImageArrays


@dataclass(frozen=True)
class Feature:
    """Description of one visual feature.

    Attributes
    ----------
    name : str
        Name of the column.
    definition : str
        What is measured, as a phrase or a formula.
    low, high : float
        Smallest and largest possible value; infinite if there is no bound.
    unit : str
        Unit of the values; empty for shares and other pure numbers.
    source : str
        Authors and year of the paper that defines the feature, as in the references of the group's function.
    """

    name: str
    definition: str
    low: float
    high: float
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class FeatureGroup:
    """Features that one function measures together, because they share most of the work.

    Attributes
    ----------
    name : str
        Name of the group.
    section : str
        Heading in the documentation under which the group is listed.
    measure : callable
        Function that returns the value of each feature by name.
    features : tuple of Feature
        Descriptions of the features, in the order of their columns.
    """

    name: str
    section: str
    measure: Callable[[ImageArrays], dict[str, float]]
    features: tuple[Feature, ...]
