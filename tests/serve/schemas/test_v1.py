from __future__ import annotations

import base64
import io

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.prediction import heatmap
from imagemood.prediction.explanation import Explanation
from imagemood.prediction.result import Result
from imagemood.serve.inference.engine import Prediction
from imagemood.serve.schemas.v1 import PictureResult, ordered_moods, prediction_to_dict

RESULT = Result(
    "a.png",
    labels=("awe", "fear", "anger"),
    probabilities=np.array([0.25, 0.5, 0.25]),
    tag_labels=("cat", "dog", "pier"),
    scores=np.array([0.125, 0.75, 0.5], dtype=np.float32),
)
DROPS = {f"tag {i}": (-1) ** i * i / 100 for i in range(12)}


def test_moods_and_tags_are_limited_in_number():
    full = prediction_to_dict(Prediction(RESULT), None, 0, with_map=False)
    assert full["moods"] == {"fear": 0.5, "awe": 0.25, "anger": 0.25}
    assert full["tags"] == {}
    assert full["affect"]["positive"] == pytest.approx(0.25)
    limited = prediction_to_dict(Prediction(RESULT), 1, 2, with_map=False)
    assert (limited["moods"], limited["tags"]) == ({"fear": 0.5}, {"dog": 0.75, "pier": 0.5})
    assert limited["affect"] == full["affect"]
    PictureResult.model_validate(full)


def test_an_error_is_a_problem():
    error = ImageError("unsupported image format", where="a.png")
    found = prediction_to_dict(Prediction(Result("a.png", error=error)), None, 0, with_map=True)
    assert found["error"]["status"] == 422
    assert found == {"image": "a.png", "error": found["error"]}
    assert PictureResult.model_validate(found).moods is None


@pytest.mark.parametrize(("n_tags", "n_drops"), [(0, 10), (3, 3), (20, 12)])
def test_the_strongest_tags_of_an_explanation_come_first(n_tags, n_drops):
    prediction = Prediction(RESULT, Explanation("fear", DROPS, None))
    explanation = prediction_to_dict(prediction, None, n_tags, with_map=True)["explanation"]
    assert list(explanation["drops"]) == [f"tag {i}" for i in range(11, 11 - n_drops, -1)]
    assert (explanation["mood"], explanation["map"]) == ("fear", None)


def test_the_heat_map_is_a_png_of_a_fixed_size():
    heat_map = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    prediction = Prediction(RESULT, Explanation("fear", {}, heat_map))
    assert prediction_to_dict(prediction, None, 0, with_map=False)["explanation"]["map"] is None
    assert prediction_to_dict(prediction, None, 0, with_map=False)["explanation"]["map_range"] is None
    explanation = prediction_to_dict(prediction, None, 0, with_map=True)["explanation"]
    assert explanation["map_range"] == heatmap.probability_range(heat_map)
    url = explanation["map"]
    content = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    expected = heatmap.render(heat_map, (224, 224))
    np.testing.assert_array_equal(np.asarray(PIL.Image.open(io.BytesIO(content))), expected)


def test_unknown_moods_come_last_without_valence_and_arousal():
    known, unknown = ordered_moods(["nostalgia", "awe"])
    assert (known["mood"], known["positive"]) == ("awe", True)
    assert -1 <= known["valence"] <= 1
    assert unknown == {"mood": "nostalgia", "valence": None, "arousal": None, "positive": None}
