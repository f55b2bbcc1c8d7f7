from __future__ import annotations

import hashlib
import importlib

import pytest


def test_folds_are_disjoint_and_complete_and_begin_with_the_validation_part():
    split = importlib.import_module("split")
    assert sorted(number for fold in split.FOLDS for number in fold) == list(range(20))
    assert split.FOLDS[0] == split.SPLIT["validation"]


@pytest.mark.parametrize("name", ["split", "none", "0", "4"])
def test_no_network_is_evaluated_on_photos_that_it_was_trained_on(name):
    split = importlib.import_module("split")
    assert not set(split.held_out(name)) & set(split.trained_on(name))
    assert len(split.trained_on(name)) == {"split": 15, "none": 20}.get(name, 16)


def test_the_development_part_is_used_neither_for_training_nor_for_validation():
    split = importlib.import_module("split")
    assert set(split.held_out("split")) == set(range(4, 5))
    assert not set(split.trained_on("split")) & (set(split.SPLIT["validation"]) | set(split.SPLIT["development"]))


def test_the_twentieth_depends_on_the_content_only(tmp_path):
    split = importlib.import_module("split")
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"photo")
    expected = int(hashlib.md5(b"photo", usedforsecurity=False).hexdigest(), 16) % 20
    assert split.twentieth(tmp_path / "a.jpg") == split.twentieth(tmp_path / "b.jpg") == expected
