"""The data of the package."""

from __future__ import annotations

import pytest

from imagemood import builtin

NAMES = ["network.onnx", "network.json", "moods", "tags_moods", "example.parquet", "example_labels.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_data_exist_and_are_documented(name):
    assert builtin.path(name).exists()
    assert f"``{name}``" in builtin.path.__doc__


def test_nothing_else_is_in_the_folder():
    names = {path.name for path in builtin.path("").iterdir()} - {"__pycache__"}
    assert names == {*NAMES, "__init__.py", "README.md"}
