from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from imagemood.bulk.search import check_mood, most_probable, open_dataset, result_tables
from imagemood.errors import InputError
from imagemood.prediction.result import Result


def result(name, awe):
    return Result(name, labels=("awe", "fear"), probabilities=np.array([awe, 1 - awe]))


def test_the_most_probable_results():
    results = [result("c", 0.5), result("a", 0.25), result("b", 0.5), result("d", 0.75)]
    rows = most_probable(result_tables(results, "awe"), "awe", 3)
    assert [(row["path"], row["probability"]) for row in rows] == [("d", 0.75), ("b", 0.5), ("c", 0.5)]
    assert rows[0]["mood"] == "awe"
    assert rows[0]["valence"] == results[3].affect.valence
    assert rows[0]["arousal"] == results[3].affect.arousal


def test_moods_without_valence():
    (row,) = most_probable(
        result_tables([Result("a", labels=("joy",), probabilities=np.array([1.0]))], "joy"), "joy", 9
    )
    assert row == {"path": "a", "probability": 1.0, "mood": "joy", "valence": None, "arousal": None}


@pytest.mark.parametrize("n", [1, 7, 100])
def test_the_hits_do_not_depend_on_the_division_into_tables(n):
    rng = np.random.default_rng(0)
    awe = rng.permutation(60) / 60
    rows = pa.table({"path": [f"{i:02}" for i in range(60)], "mood": ["awe"] * 60, "awe": awe})
    rows = rows.append_column("valence", pa.nulls(60, pa.float64())).append_column(
        "arousal", pa.nulls(60, pa.float64())
    )
    hits = most_probable((rows.slice(start, 9) for start in range(0, 60, 9)), "awe", n)
    assert [hit["path"] for hit in hits] == [f"{i:02}" for i in np.argsort(-awe)[:n]]


def test_no_tables():
    assert most_probable([], "awe", 3) == []


def test_a_folder_without_description_is_not_a_dataset(tmp_path):
    assert open_dataset(str(tmp_path)) is None
    assert open_dataset(str(tmp_path / "absent")) is None


def test_unknown_moods():
    check_mood("awe", ["awe", "fear"])
    with pytest.raises(InputError, match="^unknown mood 'joy' .use one of awe, fear.$"):
        check_mood("joy", ["awe", "fear"])
