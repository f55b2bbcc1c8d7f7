from __future__ import annotations

import pytest

from imagemood._suggestions import similar_name, similar_names


@pytest.mark.parametrize(
    ("name", "similar"),
    [("Tpo", "top"), ("TAGS", "Tags"), ("min-probability", "min_probability"), ("zzz", None), ("", None)],
)
def test_the_name_that_a_misspelt_one_means(name, similar):
    assert similar_name(name, ["top", "Tags", "min_probability"]) == similar


def test_how_similar_a_name_must_be_can_be_chosen():
    assert similar_name("bag", ["tags"], min_similarity=0.5) == "tags"
    assert similar_name("bag", ["tags"], min_similarity=0.65) is None


def test_only_the_start_of_a_long_name_is_compared():
    assert similar_name("a" * 1_000_000, ["a" * 100]) == "a" * 100


def test_similar_names_ignore_the_case():
    assert similar_names("RESNET18", ["resnet18", "vgg11"]) == ["resnet18"]
    assert similar_names("completely different", ["resnet18"]) == []
    assert similar_names("b", ["a", "B1", "b2", "b3", "b"], max_names=2) == ["b", "b3"]
