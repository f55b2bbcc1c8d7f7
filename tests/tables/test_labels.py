from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.errors import TableError, VocabularyError
from imagemood.tables.labels import Labels


@pytest.mark.parametrize(
    ("content", "moods", "images"),
    [
        ("awe\nfear\n", ["awe", "fear"], None),
        ("mood\nawe\nfear", ["awe", "fear"], None),
        ("Label\r\nawe\r\n", ["awe"], None),
        ("  Große Freude \nfear\n", ["Große Freude", "fear"], None),
        ('"joy, pure"\nfear\n', ["joy, pure", "fear"], None),
        ("\ufeffawe\n\n\nfear\n", ["awe", "fear"], None),
        ("image,mood\n7,awe\n3,fear\n", ["awe", "fear"], ["7", "3"]),
        ('Image , LABEL\n"a, b.jpg",awe\n 3 , fear \n', ["awe", "fear"], ["a, b.jpg", " 3 "]),
        ("mood,image\nawe,7\nfear,3\n", ["awe", "fear"], ["7", "3"]),
        ("rater,label,image\n1,awe,7\n2,fear,3\n", ["awe", "fear"], ["7", "3"]),
        ("awe;image\nfear\n", ["awe;image", "fear"], None),
    ],
)
@pytest.mark.parametrize("name", ["labels.csv", "labels.txt"])
def test_files(write, name, content, moods, images):
    labels = tables.read_labels(write(name, content))
    assert labels.moods == moods
    assert labels.images == images


def test_compressed_file(tmp_path):
    from imagemood.tables.files import write_bytes

    write_bytes(b"awe\nfear\n", tmp_path / "labels.csv.gz")
    assert tables.read_labels(tmp_path / "labels.csv.gz").moods == ["awe", "fear"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no rows"),
        ("mood\n", "no rows"),
        ("image,mood\n", "no rows"),
        ("awe\n  \nfear\n", "row 2, field 'mood': missing value"),
        ("image,mood\n7,\n", "row 1, field 'mood': missing value"),
        (
            "awe,fear\n",
            "row 1: wrong number of fields: 2 instead of 1 .write one mood per line, or columns",
        ),
        ("image,mood\n7\n", "row 1: wrong number of fields: 1 instead of 2"),
        ("image,mood\n7,awe\n8,awe,fear\n", "row 2: wrong number of fields: 3 instead of 2"),
        (b"\xff\xfe\x00", "not valid UTF-8 text .save the table in UTF-8"),
        ("image,mood\n7,awe\n".encode("utf-16"), "not valid UTF-8 text"),
        ("image;mood\n7;awe\n", "the fields are separated by semicolons .separate them by commas"),
        ("Label\timage\nawe\t7\n", "the fields are separated by tabs"),
        ("image,mood,mood\n7,awe,fear\n", "2 columns are called 'mood'"),
        ("image,mood,image\n7,awe,8\n", "2 columns are called 'image'"),
        ("path,mood\n7,awe\n", "row 1: wrong number of fields: 2 instead of 1"),
    ],
)
def test_invalid_files(write, content, message):
    path = write("labels.csv", content)
    with pytest.raises(TableError, match=message) as caught:
        tables.read_labels(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("newline", ["\r", "\n", "\r\n"])
def test_line_breaks_within_and_between_rows(write, newline):
    rows = ["image,mood", '"a\rb.jpg",joy', '"c\nd.jpg","two\rlines"']
    labels = tables.read_labels(write("labels.csv", newline.join(rows)))
    assert labels.images == ["a\rb.jpg", "c\nd.jpg"]
    assert labels.moods == ["joy", "two\rlines"]


MOODS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9).map(str.strip).filter(bool)


@given(st.lists(st.tuples(MOODS, MOODS), min_size=1), st.booleans())
def test_reads_what_pythons_csv_writes(rows, with_images):
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if with_images:
        writer.writerows([("image", "mood"), *rows])
    else:
        writer.writerows([("mood",), *((mood,) for _, mood in rows)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(text.getvalue().encode())
        labels = tables.read_labels(path)
    assert labels.moods == [mood for _, mood in rows]
    assert labels.images == ([image for image, _ in rows] if with_images else None)


@given(st.binary(max_size=100))
def test_any_bytes_give_labels_or_one_line(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(content)
        try:
            labels = tables.read_labels(path)
        except TableError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017
            return
    assert all(mood and mood == mood.strip() for mood in labels.moods)


def test_positions():
    labels = Labels(["awe", "fear", "joy"], ["7", "3", "a.jpg"])
    assert labels.positions_in(["3", "b.jpg", "7", "a.jpg"]).tolist() == [2, 0, 3]
    assert Labels(["awe", "fear"], ["7", "3"]).positions_in([3, 7]).tolist() == [1, 0]


def test_white_space_around_names_is_kept_if_the_pictures_have_it():
    labels = Labels(["awe", "fear", "joy"], [" 7", " a.jpg ", "b.jpg "])
    assert labels.positions_in(["a.jpg", " a.jpg ", "b.jpg", "7"]).tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (["7", "3", "3"], "l.csv: picture '3' has two labels"),
        (["7", "8", "9"], "l.csv: no tags for 2 of 3 labelled pictures, such as '8'"),
    ],
)
def test_positions_of_other_pictures(images, message):
    labels = Labels(["awe"] * 3, images, "l.csv")
    with pytest.raises(VocabularyError) as caught:
        labels.positions_in([3, 7])
    assert str(caught.value) == message


def test_built_in_labels():
    from imagemood import builtin

    labels = tables.read_labels(builtin.path("example_labels.csv"))
    assert len(labels.moods) == 1600
    assert {labels.moods.count(mood) for mood in labels.moods} == {200}
