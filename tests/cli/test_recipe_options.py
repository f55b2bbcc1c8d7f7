from __future__ import annotations

import pytest

from imagemood.cli.recipe_options import RecipeOptions, parse_inputs
from imagemood.errors import InputError
from imagemood.learning import Recipe
from imagemood.learning.augmentation import Augmentation


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("tags", ("tags",)),
        ("visual", ("visual",)),
        ("embedding+tags", ("tags", "embedding")),
        ("tags+embedding", ("tags", "embedding")),
        ("visual+embedding+tags", ("tags", "embedding", "visual")),
    ],
)
def test_inputs_are_in_the_order_of_models(text, inputs):
    assert parse_inputs(text) == inputs


@pytest.mark.parametrize("text", ["", "pixels", "tags+", "+tags", "tags+tags", "tags,embedding", "Tags"])
def test_invalid_inputs(text):
    with pytest.raises(InputError) as caught:
        parse_inputs(text)
    assert str(caught.value) == f"invalid --inputs '{text}' (join one or more of tags, embedding, visual by +)"


def test_the_recipe_of_an_algorithm():
    assert RecipeOptions().recipe("rf", 3) == Recipe("rf", augmentation=Augmentation((), 0.0, 3), random_state=3)
    options = RecipeOptions(inputs="embedding+tags", balanced=True, mask="0.5,1", noise=0.25)
    expected = Recipe("rf", augmentation=Augmentation((0.5, 1.0), 0.25, 0), random_state=0, balanced=True)
    assert options.recipe("rf", 0) == expected
    assert (options.chosen_inputs(), RecipeOptions().chosen_inputs()) == (("tags", "embedding"), None)


@pytest.mark.parametrize(
    ("mask", "hint"), [("a half", "separate numbers"), ("0.5;1", "separate numbers"), ("0,1", "use fractions")]
)
def test_invalid_masks(mask, hint):
    with pytest.raises(InputError, match=f"^invalid --mask '{mask}' .{hint}"):
        RecipeOptions(mask=mask).recipe("rf", 0)
