"""Tables of results: rows align with the pictures in every library."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import imagemood
from imagemood.errors import ImageError, InputError, MissingPackageError
from imagemood.prediction.data_frames import to_dataframe
from imagemood.prediction.result import Result

TAGGED = {"tag_labels": ("cat", "dog"), "scores": np.array([0.25, 0.75], np.float32)}
RESULTS = [
    Result("a.jpg", labels=("awe", "fear"), probabilities=np.array([0.25, 0.75]), **TAGGED),
    Result("b.jpg", error=ImageError("damaged", where="b.jpg", hint="copy it again")),
    Result("c.jpg", labels=("awe", "fear"), probabilities=np.array([0.5, 0.5]), **TAGGED),
]
COLUMNS = ["image", "mood", "probability", "awe", "fear", "valence", "arousal", "error"]


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_rows_and_columns_are_the_same_in_each_library(backend):
    table = to_dataframe(iter(RESULTS), backend=backend)
    expected = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}[backend]
    assert isinstance(table, expected)
    if backend == "pandas":
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
    else:
        rows = table.to_dicts() if backend == "polars" else table.to_pylist()
    assert [list(row) for row in rows] == [COLUMNS] * 3
    affect = RESULTS[0].affect
    assert list(rows[0].values()) == ["a.jpg", "fear", 0.75, 0.25, 0.75, affect.valence, affect.arousal, None]
    assert list(rows[1].values()) == ["b.jpg", *[None] * 6, "damaged (copy it again)"]
    assert (rows[2]["mood"], rows[2]["probability"]) == ("awe", 0.5)


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("results", [[], RESULTS[1:2], RESULTS])
def test_tables_can_be_concatenated_and_have_typed_columns(backend, results):
    table = to_dataframe([Result("x", error=result.error, labels=("awe",)) for result in results], backend=backend)
    types = {
        "pandas": lambda: [str(dtype) for dtype in table.dtypes],
        "polars": lambda: [str(dtype) for dtype in table.dtypes],
        "pyarrow": lambda: [str(dtype) for dtype in table.schema.types],
    }[backend]()
    assert len(set(types)) <= 2
    if results:
        assert types[0] != types[2]


def test_a_single_result_is_one_row():
    assert to_dataframe(RESULTS[0], backend="polars").equals(to_dataframe(RESULTS[:1], backend="polars"))


def test_tags_are_columns():
    table = to_dataframe(RESULTS, tags=2, backend="polars")
    assert table.columns == [*COLUMNS[:-1], "tag_1", "score_1", "tag_2", "score_2", "error"]
    assert table.select("tag_1", "score_1", "tag_2", "score_2").rows() == [
        ("dog", 0.75, "cat", 0.25),
        (None,) * 4,
        ("dog", 0.75, "cat", 0.25),
    ]
    tagged = to_dataframe([Result("a", **TAGGED)], tags=3, backend="polars")
    assert tagged.columns == ["image", "tag_1", "score_1", "tag_2", "score_2", "tag_3", "score_3", "error"]
    with pytest.raises(InputError, match="the tags were not computed"):
        to_dataframe([Result("a", tag_labels=("cat",))], tags=1)


def test_results_of_different_models_have_all_moods():
    other = Result("d.jpg", labels=("joy",), probabilities=np.array([1.0]))
    table = to_dataframe([RESULTS[0], other], backend="polars")
    assert table.columns[3:6] == ["awe", "fear", "joy"]
    assert table["joy"].to_list() == [None, 1.0]
    assert table["valence"][1] is None


def test_a_mood_cannot_have_the_name_of_another_column():
    with pytest.raises(InputError, match="the mood 'error' has the name of another column"):
        to_dataframe([Result("a", labels=("error",), probabilities=np.array([1.0]))])


def test_the_first_installed_library_is_used(monkeypatch):
    find_spec = importlib.util.find_spec
    missing = {"pandas"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else find_spec(name))
    assert isinstance(to_dataframe(RESULTS), pl.DataFrame)
    with pytest.raises(MissingPackageError, match=r"^pandas is not installed \(pip install pandas\)$"):
        to_dataframe(RESULTS, backend="pandas")
    missing |= {"polars", "pyarrow"}
    with pytest.raises(MissingPackageError, match="pandas is not installed"):
        to_dataframe(RESULTS)
    with pytest.raises(InputError, match=r"unknown backend 'dask' \(use pandas, polars, pyarrow\)"):
        to_dataframe(RESULTS, backend="dask")


def test_rows_align_with_the_pictures(sample_photos):
    pictures = pd.Series([sample_photos / "coffee.png", None, "absent.jpg", sample_photos / "rocket.jpg"])
    table = imagemood.classify_many(pictures).to_dataframe(backend="pandas")
    assert table.error.isna().tolist() == [True, False, False, True]
    assert table.mood.isna().tolist() == [False, True, True, False]
    moods = [imagemood.classify(path).mood for path in (pictures[0], pictures[3])]
    assert [table.mood[0], table.mood[3]] == moods
    nothing = imagemood.classify_many([None]).to_dataframe(backend="pandas")
    assert nothing.columns.equals(table.columns)
    assert nothing.dtypes.equals(table.dtypes)


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([1], r"results\[0\] is a value of type int, not a Result"),
        ([RESULTS[0], None], r"results\[1\] is a value of type NoneType, not a Result"),
        (iter(["a.jpg"]), r"results\[0\] is a value of type str, not a Result"),
        ("a.jpg", r"results\[0\] is a value of type str, not a Result"),
        ([RESULTS[0].to_dict()], r"results\[0\] is a value of type dict, not a Result"),
        (None, r"the argument is a value of type NoneType, not a Result"),
        (1, r"the argument is a value of type int, not a Result"),
    ],
)
def test_other_values_are_not_results(results, message):
    with pytest.raises(InputError, match=rf"^{message} \(pass what classify or classify_many returns\)$"):
        to_dataframe(results)


@pytest.mark.parametrize("count", [-1, "2", 1.5])
def test_numbers_of_tags_and_moods_are_checked(count):
    message = f"tags is {count!r} (give an integer of at least 0)"
    calls = [RESULTS[0].to_series, RESULTS[0].to_dict, lambda tags: to_dataframe(RESULTS, tags=tags)]
    for call in calls:
        with pytest.raises(InputError) as error:
            call(tags=count)
        assert str(error.value) == message
    with pytest.raises(InputError, match="top is"):
        RESULTS[0].to_dict(top=count)
    assert RESULTS[0].to_dict(top=np.int64(1))["moods"] == {"fear": 0.75}
