from __future__ import annotations

from pathlib import Path

import pytest

from imagemood.cli import options
from imagemood.errors import InputError
from imagemood.learning.algorithms import ALGORITHMS
from imagemood.tables import FORMATS


def test_the_choices_are_those_of_the_registries():
    assert [str(name) for name in options.Algorithm] == list(ALGORITHMS)
    assert [str(name) for name in options.RowFormat] == list(FORMATS)
    assert set(options.TableFormat) == {name for name, form in FORMATS.items() if form.holds_any_table}
    assert set(options.PredictionFormat) == {"table", "json", "csv", "parquet"}
    assert set(options.SummaryFormat) == {"text", "json"}


@pytest.mark.parametrize(
    ("file", "output_format"),
    [
        (None, "table"),
        ("moods.txt", "table"),
        ("moods.csv", "csv"),
        ("moods.csv.gz", "csv"),
        ("moods.jsonl", "json"),
        ("moods.json", "json"),
        ("moods.parquet", "parquet"),
    ],
)
def test_the_format_follows_from_the_file_name(file, output_format):
    assert options.prediction_format_of(None if file is None else Path(file)) == output_format


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("moods.pb", "predictions for pictures cannot be written as protobuf (use one of .csv, "),
        ("moods.doc", "moods.doc: unknown file name extension"),
    ],
)
def test_files_that_cannot_hold_predictions(file, message):
    with pytest.raises(InputError) as caught:
        options.prediction_format_of(Path(file))
    assert str(caught.value).startswith(message)
