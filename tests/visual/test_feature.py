from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from imagemood import visual
from imagemood.visual import FEATURES, GROUPS, NAMES, Feature, FeatureGroup, ImageArrays
from tests.visual.synthetic import colour_noise

PAGE = (Path(__file__).parents[2] / "docs" / "visual.md").read_text("utf-8")
GROUP_NAMES = [group.name for group in GROUPS]


def test_there_are_71_features_with_different_names():
    assert len(FEATURES) == len(set(NAMES)) == 71


def test_groups_have_different_names_and_functions():
    assert len(set(GROUP_NAMES)) == len({group.measure for group in GROUPS}) == len(GROUPS)


def test_no_group_of_any_module_is_left_out():
    names = [module.name for module in pkgutil.iter_modules(visual.__path__) if module.name != "extraction"]
    modules = [importlib.import_module(f"imagemood.visual.{name}") for name in names]
    defined = [group for module in modules for group in getattr(module, "GROUPS", ())]
    assert sorted(group.name for group in defined) == sorted(GROUP_NAMES)


@pytest.mark.parametrize("group", GROUPS, ids=GROUP_NAMES)
def test_the_function_of_a_group_is_annotated(group):
    assert inspect.get_annotations(group.measure, eval_str=True) == {
        "arrays": ImageArrays,
        "return": dict[str, float],
    }


@pytest.mark.parametrize("group", GROUPS, ids=GROUP_NAMES)
def test_a_group_measures_the_features_that_it_describes(group):
    measured = group.measure(ImageArrays(colour_noise()))
    assert list(measured) == [feature.name for feature in group.features]
    assert all(type(value) is float for value in measured.values())


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_a_description_is_complete(feature):
    assert re.fullmatch(r"[a-z][a-z_0-9]*", feature.name)
    assert feature.definition
    assert "|" not in feature.definition  # it would end a cell of the table in the documentation
    assert feature.low < feature.high
    assert not (math.isinf(feature.low) and math.isinf(feature.high))
    assert feature.source


@pytest.mark.parametrize("group", GROUPS, ids=GROUP_NAMES)
def test_the_sources_of_a_group_are_in_the_docstring_of_its_function(group):
    text = inspect.getdoc(group.measure)
    for section in ("Returns\n", "References\n", "Examples\n"):
        assert section in text
    for source in {source for feature in group.features for source in re.split(r", (?=[A-Z])", feature.source)}:
        author, year = re.fullmatch(r"(\w+).* \((\d{4})\)", source).groups()
        assert re.search(rf"{author}, .*\({year}\)", text)


@pytest.mark.parametrize("group", GROUPS, ids=GROUP_NAMES)
def test_the_docstring_of_a_function_names_its_features(group):
    text = inspect.getdoc(group.measure)
    for name in (group.features[0].name, group.features[-1].name):
        generic = re.sub(r"(hue|saturation|value)(_\d)?$", "", name)
        assert name in text or generic in text


@pytest.mark.parametrize("feature", FEATURES, ids=NAMES)
def test_the_page_lists_every_feature_once(feature):
    tables = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [cells for cells in tables if f"`{feature.name}`" in cells[1].split(", ")]
    assert len(rows) == 1
    assert feature.definition == rows[0][2]
    assert rows[0][4] == f"{feature.source} |"


def test_the_page_lists_every_group_in_order_and_the_number_of_features():
    rows = re.findall(r"^\| ([^|]+) \| `", PAGE, flags=re.MULTILINE)
    assert list(dict.fromkeys(rows)) == [
        group.name
        for section in dict.fromkeys(group.section for group in GROUPS)
        for group in GROUPS
        if group.section == section
    ]
    assert f"There are {len(FEATURES)} features in {len(GROUPS)} groups." in PAGE


def test_descriptions_cannot_be_changed():
    feature = Feature("contrast", "a definition", 0, 1)
    assert (feature.unit, feature.source) == ("", "")
    with pytest.raises(FrozenInstanceError):
        feature.low = -1
    group = FeatureGroup("contrast", "Texture", lambda arrays: {"contrast": float(np.ptp(arrays.grey))}, ())
    with pytest.raises(FrozenInstanceError):
        group.features = (feature,)
