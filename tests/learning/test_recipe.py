from __future__ import annotations

import dataclasses
import json

import pytest

from imagemood.learning import Recipe
from imagemood.learning.algorithms import DEFAULT_ALGORITHM
from imagemood.learning.augmentation import Augmentation


def test_defaults():
    recipe = Recipe()
    assert recipe.algorithm == DEFAULT_ALGORITHM == "logistic"
    assert recipe.augmentation.is_empty
    assert (recipe.parameters, recipe.random_state, recipe.balanced) == ({}, 0, False)


def test_a_name_or_a_recipe():
    recipe = Recipe("rf", random_state=3)
    assert Recipe.of(recipe) is recipe
    assert Recipe.of("rf") == Recipe("rf")


def test_recipes_can_be_written_as_json():
    recipe = Recipe("mlp", {"alpha": 0.1}, Augmentation((0.5, 1.0), 0.1, 2), 3, balanced=True)
    values = json.loads(json.dumps(recipe.to_dict()))
    assert values == {
        "algorithm": "mlp",
        "parameters": {"alpha": 0.1},
        "augmentation": {"mask_fractions": [0.5, 1.0], "noise": 0.1, "random_state": 2},
        "random_state": 3,
        "balanced": True,
    }
    assert set(values) == {field.name for field in dataclasses.fields(Recipe)}


def test_recipes_are_immutable_values():
    assert Recipe("rf", {"n_estimators": 3}) == Recipe("rf", {"n_estimators": 3})
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe().algorithm = "rf"
