from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from imagemood.cli.options import PredictionFormat
from imagemood.cli.renderers import Predictions, SearchHits, render
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.result import Result

MULTILINE = pyarrow.csv.ParseOptions(newlines_in_values=True)
TAGS = ("crane, bird", "volcano", "[b]")
TABLE, JSON, CSV, PARQUET = map(PredictionFormat, ("table", "json", "csv", "parquet"))


def result(image="a.jpg", labels=("awe", "fear"), probabilities=(0.75, 0.25)):
    return Result(
        image,
        labels=labels,
        probabilities=np.array(probabilities),
        tag_labels=TAGS,
        scores=np.array([0.5, 0.3, 0.2], np.float32),
    )


EXPLANATION = Explanation("awe", {"volcano": 0.125, "crane, bird": 0.25, "[b]": -0.5}, None)
ALONE = replace(EXPLANATION, tags_alone={"fear": 0.6, "awe": 0.4})


def table_of(content):
    return [line.split() for line in render(content, TABLE).splitlines()]


def test_predictions_as_a_table():
    lines = table_of(Predictions([result(), result("b.jpg", ("joy", "calm"), (0.9, 0.1))], top=1))
    affect = result().affect
    bar = "█" * 15
    assert lines[0] == ["image", "mood", "probability", "valence", "arousal"]
    assert lines[1] == ["a.jpg", "awe", "75.0%", bar, f"{affect.valence:+.2f}", f"{affect.arousal:+.2f}"]
    assert lines[2] == ["b.jpg", "joy", "90.0%", "█" * 18]
    assert len(lines) == 3


def test_only_the_first_row_of_a_picture_names_it():
    lines = table_of(Predictions([result()]))
    assert [line[0] for line in lines[1:]] == ["a.jpg", "fear"]


def test_a_table_of_moods_without_valence():
    lines = table_of(Predictions([result(labels=("joy", "calm"))]))
    assert lines[0] == ["image", "mood", "probability"]


def test_tags_are_shown_without_synonyms_and_markup_is_escaped():
    text = render(Predictions([result("[red]a.jpg")], top=1, n_tags=3), TABLE)
    assert text.splitlines()[0].endswith("tags")
    assert text.splitlines()[1].startswith("[red]a.jpg")
    assert text.splitlines()[1].endswith("crane 50%; volcano 30%; [b] 20%")


def test_explanations_in_a_table_show_the_tags_that_support_the_mood():
    text = render(Predictions([result()], top=1, n_tags=3, explanations=[EXPLANATION]), TABLE)
    assert text.splitlines()[0].endswith("explained by (pp: percentage points)")
    assert text.splitlines()[1].endswith("volcano +12.5 pp; crane +25.0 pp")


def test_explanations_state_what_follows_from_the_tags_alone():
    text = render(Predictions([result()], top=1, n_tags=1, explanations=[ALONE]), TABLE)
    assert "tags alone: 40% awe" in text
    (line,) = render(Predictions([result()], n_tags=1, explanations=[ALONE]), JSON).splitlines()
    assert json.loads(line)["explanation"]["tags_alone"] == {"fear": 0.6, "awe": 0.4}


def test_predictions_as_json_lines():
    content = Predictions([result("größe.jpg"), result()], top=1, n_tags=1)
    text = render(content, JSON).decode()
    assert "größe.jpg" in text
    first, second = map(json.loads, text.splitlines())
    assert first == result("größe.jpg").to_dict(1, 1)
    assert second["moods"] == {"awe": 0.75}
    assert list(second["tags"]) == ["crane, bird"]


HOSTILE = "new\nline \x1b[31m\u202e\u2028 :smile: [red]"


def test_names_moods_and_tags_with_control_characters():
    content = Predictions([result(HOSTILE, (HOSTILE, "fear"))], top=1)
    (line,) = render(content, TABLE).splitlines()[1:]
    shown = r"new\x0aline \x1b[31m\xe2\x80\xae\xe2\x80\xa8 :smile: [red]"
    assert line.startswith(f"{shown}  {shown}  ")
    (line,) = render(content, JSON).decode().splitlines()  # also splits at U+2028
    assert "\u202e" not in line
    assert json.loads(line)["image"] == HOSTILE
    assert list(json.loads(line)["moods"]) == [HOSTILE]
    table = pyarrow.csv.read_csv(io.BytesIO(render(content, CSV)), parse_options=MULTILINE)
    assert table.to_pylist()[0] == {"image": HOSTILE, "mood": HOSTILE, "probability": 0.75}
    tags = Predictions([replace(result(), tag_labels=(HOSTILE, "b", "c"))], top=1, n_tags=1)
    assert f"{shown} 50%" in render(tags, TABLE)


def test_formulas_can_be_escaped_in_csv():
    content = render(Predictions([result("=1.jpg")], top=1), CSV, escape_formulas=True)
    assert content.splitlines()[1] == b"'=1.jpg,awe,0.75"
    content = render(SearchHits([{**HITS[0], "path": "@a"}]), CSV, escape_formulas=True)
    assert content.splitlines()[1] == b"'@a,0.5,awe,0.25,-0.125"


def test_explanations_in_json_list_the_tags_of_the_explanation():
    (line,) = render(Predictions([result()], n_tags=2, explanations=[EXPLANATION]), JSON).splitlines()
    fields = json.loads(line)
    assert fields["explanation"] == {"mood": "awe", "drops": {"volcano": 0.125, "crane, bird": 0.25}}
    assert fields["tags"] == pytest.approx({"volcano": 0.3, "crane, bird": 0.5})


def test_predictions_as_rows():
    content = Predictions([result(), result("b.jpg", ("joy",), (1.0,))], with_affect=True)
    rows = pq.read_table(io.BytesIO(render(content, PARQUET))).to_pylist()
    affect = result().affect
    values = {"valence": affect.valence, "arousal": affect.arousal, "positive": affect.positive}
    assert rows == [
        {"image": "a.jpg", "mood": "awe", "probability": 0.75, **values},
        {"image": "a.jpg", "mood": "fear", "probability": 0.25, **values},
        {"image": "b.jpg", "mood": "joy", "probability": 1.0, **dict.fromkeys(values)},
    ]
    assert render(Predictions([result()], top=1), CSV) == b"image,mood,probability\na.jpg,awe,0.75\n"


def test_no_predictions():
    assert render(Predictions([]), TABLE) == ""
    assert render(Predictions([]), JSON) == b""
    assert render(Predictions([]), CSV) == b"image,mood,probability\n"
    assert pq.read_table(io.BytesIO(render(Predictions([]), PARQUET))).num_rows == 0


HITS = [
    {"path": "a [b].jpg", "probability": 0.5, "mood": "awe", "valence": 0.25, "arousal": -0.125},
    {"path": "c.jpg", "probability": 0.04, "mood": "joy", "valence": None, "arousal": None},
]


def test_search_hits_as_a_table():
    lines = render(SearchHits(HITS), TABLE).splitlines()
    assert lines[0].split() == ["path", "probability", "mood", "valence", "arousal"]
    assert lines[1].split() == ["a", "[b].jpg", "50.0%", "█" * 10, "awe", "+0.25", "-0.12"]
    assert lines[2].split() == ["c.jpg", "4.0%", "█", "joy"]


def test_search_hits_as_json_lines_and_rows():
    assert [json.loads(line) for line in render(SearchHits(HITS), JSON).splitlines()] == HITS
    assert pq.read_table(io.BytesIO(render(SearchHits(HITS), PARQUET))).to_pylist() == HITS
    table = pyarrow.csv.read_csv(io.BytesIO(render(SearchHits(HITS), CSV)))
    assert table.to_pylist() == HITS


def test_no_search_hits():
    assert render(SearchHits([]), TABLE) == ""
    assert render(SearchHits([]), JSON) == b""
    assert render(SearchHits([]), CSV) == b"path,probability,mood,valence,arousal\n"
