from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.bulk import rows
from imagemood.bulk.rows import Columns, encode, error_kind, error_text, schema
from imagemood.errors import ImageError, InputError, TagFileError
from imagemood.prediction.result import Result
from imagemood.visual import NAMES


def test_rows_hold_what_the_results_say():
    dice = np.random.default_rng(0)
    scores = dice.dirichlet(np.ones(10)).astype(np.float32)
    good = Result(
        "ü.jpg",
        labels=("awe", "fear"),
        probabilities=np.array([0.25, 0.75]),
        tag_labels=tuple("abcdefghij"),
        scores=scores,
        embedding=np.arange(3, dtype=np.float32),
        visual=np.arange(len(NAMES), dtype=np.float32),
    )
    bad = Result("bad.jpg", error=ImageError("empty file", where="bad.jpg"))
    columns = Columns(n_tags=3, embedding=True, features=True)
    layout = schema(("awe", "fear"), columns)
    table = pq.read_table(pa.BufferReader(encode([good, bad], "abc", layout, columns)))
    assert table.column_names == [
        "path", "mood", "awe", "fear", "valence", "arousal", "tags", "embedding", "features", "error", "model",
    ]  # fmt: skip
    one, other = table.to_pylist()
    assert (one["path"], one["mood"], one["awe"], one["fear"], one["error"]) == ("ü.jpg", "fear", 0.25, 0.75, None)
    assert one["valence"] == good.affect.valence
    assert [(tag["tag"], tag["score"]) for tag in one["tags"]] == list(good.tags.items())[:3]
    assert one["embedding"] == [0, 1, 2]
    assert one["features"] == dict(zip(NAMES, map(float, range(len(NAMES))), strict=True))
    assert {name for name, value in other.items() if value is not None} == {"path", "error", "model"}
    assert other["error"] == "empty file"


def test_moods_without_a_place_have_no_valence():
    result = Result("a.jpg", labels=("joy",), probabilities=np.array([1.0]))
    layout = schema(("joy",), Columns())
    (row,) = pq.read_table(pa.BufferReader(encode([result], "abc", layout, Columns()))).to_pylist()
    assert (row["joy"], row["valence"]) == (1, None)


@pytest.mark.parametrize("name", rows.FIXED)
def test_a_mood_must_not_be_called_like_a_column(name):
    with pytest.raises(InputError, match=f"the mood '{name}' is called like a column"):
        schema(("awe", name), Columns())


def test_errors_without_the_name_of_the_picture():
    assert error_text(ImageError("empty file", where="a.jpg")) == "empty file"
    assert error_text(TagFileError("is odd", file="a.csv", hint="give another")) == "is odd (give another)"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cannot be decoded: broken data stream when reading image file", "cannot be decoded"),
        ("too small: 1×4000 pixels, less than 8×8", "too small"),
        ("the server says 404 Not Found", "the server says 404 Not Found"),
    ],
)
def test_kinds_of_errors(text, kind):
    assert error_kind(text) == kind
