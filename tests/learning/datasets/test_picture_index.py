from __future__ import annotations

import pytest

from imagemood.errors import InputError
from imagemood.learning.datasets.picture_index import PictureIndex

INDEX = PictureIndex(
    [
        "1050.jpg",
        "2055.1.jpg",
        "A/A001.bmp",
        "images/fear/1.jpg",
        "images/joy/1.JPG",
        "images/joy/2.jpg",
        "x y.png",
    ]
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("1050", "1050.jpg"),
        ("1050.0", "1050.jpg"),
        ("2055.1", "2055.1.jpg"),
        ("2055", None),
        ("a001.jpg", "A/A001.bmp"),
        ("joy/1.jpg", "images/joy/1.JPG"),
        ("other/joy/1.jpg", "images/joy/1.JPG"),
        ("awe/1.jpg", None),
        ("awe/2.jpg", None),
        ("2", "images/joy/2.jpg"),
        (r"D:\data\joy\2.jpg", "images/joy/2.jpg"),
        ("./X Y.PNG", "x y.png"),
        ("data/x y.png", "x y.png"),
        ("lost.jpg", None),
        ("", None),
        ("/", None),
    ],
)
def test_names_of_pictures(name, path):
    assert INDEX.find(name) == path


def test_paths_are_relative_to_the_folder_of_the_table():
    assert INDEX.find("1.jpg", "images/fear") == "images/fear/1.jpg"
    assert INDEX.find("1", "images/fear") == "images/fear/1.jpg"


def test_the_longest_match_counts():
    index = PictureIndex(["a/joy/1.jpg", "b/joy/1.jpg"])
    assert index.find("/home/b/joy/1.jpg") == "b/joy/1.jpg"
    with pytest.raises(InputError, match=r"'joy/1.jpg' fits several pictures: a/joy/1.jpg, b/joy/1.jpg"):
        index.find("joy/1.jpg")
