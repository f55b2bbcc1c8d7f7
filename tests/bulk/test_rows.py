from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.bulk import rows
from imagemood.bulk.rows import OptionalColumns, dataset_schema, encode, error_kind, error_text
from imagemood.errors import ImageError, InputError, TableError, UnavailableError
from imagemood.prediction.result import Result
from imagemood.visual import NAMES


def test_rows_have_the_values_of_the_results():
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.ones(10)).astype(np.float32)
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
    columns = OptionalColumns(n_tags=3, embedding=True, features=True)
    schema = dataset_schema(("awe", "fear"), columns)
    table = pq.read_table(pa.BufferReader(encode([good, bad], "abc", schema, columns)))
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


def test_moods_without_valence_and_arousal():
    result = Result("a.jpg", labels=("joy",), probabilities=np.array([1.0]))
    schema = dataset_schema(("joy",), OptionalColumns())
    (row,) = pq.read_table(pa.BufferReader(encode([result], "abc", schema, OptionalColumns()))).to_pylist()
    assert (row["joy"], row["valence"]) == (1, None)


@pytest.mark.parametrize("name", rows.RESERVED_COLUMNS)
def test_a_mood_with_the_name_of_a_column_is_an_error(name):
    with pytest.raises(InputError, match=f"the mood '{name}' has the name of a column"):
        dataset_schema(("awe", name), OptionalColumns())


def test_the_text_of_an_error_does_not_name_the_picture():
    unavailable = UnavailableError("the server responded with 503", where="https://example.org/a.jpg")
    assert error_text(unavailable) == "temporarily unavailable: the server responded with 503"
    assert error_text(ImageError("empty file", where="a.jpg")) == "empty file"
    assert error_text(TableError("is odd", file="a.csv", hint="use another")) == "is odd (use another)"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cannot be decoded: broken data stream when reading image file", "cannot be decoded"),
        ("too small: 1×4000 pixels, less than 8×8", "too small"),
        ("the server responded with 404 Not Found", "the server responded with 404 Not Found"),
        ("temporarily unavailable: the server responded with 503", "temporarily unavailable"),
        (
            "not available for now: the server says 503",
            "temporarily unavailable",
        ),  # in datasets of earlier versions
    ],
)
def test_kinds_of_errors(text, kind):
    assert error_kind(text) == kind
