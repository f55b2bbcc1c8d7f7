from __future__ import annotations

import asyncio

import numpy as np
import pytest

from imagemood.errors import InputError, OutputError, OverloadedError
from imagemood.models import model_directory
from imagemood.models.model_hash import model_hash
from imagemood.pictures.picture import Picture
from imagemood.pictures.processes import decoder_process
from imagemood.prediction import heatmap
from imagemood.serve.inference.engine import Engine, PredictionOptions
from imagemood.serve.metrics import Metrics
from imagemood.serve.settings import Limits, Settings
from imagemood.tables.matrix import TagMatrix
from tests.pictures import hostile_decoder


@pytest.fixture(scope="module")
def engine():
    return Engine(Settings(), Metrics())


@pytest.fixture(scope="module")
def run():
    """One event loop for all tests, as the engine has in a worker process."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def pictures(photos):
    return [Picture.from_bytes(content, name=name) for name, content in photos.items()]


def test_the_models_of_the_settings_are_described(engine, cascade):
    assert engine.model_name == "default"
    assert engine.model_hash == model_hash()
    assert engine.known_tags == set(cascade.tagger.labels)
    columns = sorted(engine.row_columns, key=engine.row_columns.__getitem__)
    assert tuple(columns) == engine.row_classifier.vocabulary == model_directory.load("tags").vocabulary


def test_predictions_are_those_of_the_cascade(engine, cascade, run, pictures):
    predictions = run(engine.predict(pictures, PredictionOptions(tags=True)))
    without_tags = run(engine.predict(pictures))
    for picture, prediction, other in zip(pictures, predictions, without_tags, strict=True):
        expected = cascade.classify(picture)
        assert prediction.result.image == picture.name
        assert prediction.result.moods == pytest.approx(expected.moods, abs=1e-6)
        assert prediction.result.tags == pytest.approx(expected.tags, abs=1e-6)
        assert prediction.explanation is None
        assert other.result.moods == pytest.approx(expected.moods, abs=1e-6)


def test_tags_and_map_are_explained(engine, cascade, run, pictures):
    picture = pictures[0]
    result = cascade.classify(picture)
    expected = cascade.explain(result, "fear")
    (both,) = run(engine.predict([picture], PredictionOptions(explain_tags=True, explain_map=True, mood="fear")))
    assert both.explanation.mood == "fear"
    assert both.explanation.tag_drops == pytest.approx(expected.tag_drops, abs=1e-6)
    (by_map,) = run(engine.predict([picture], PredictionOptions(explain_map=True)))
    assert (by_map.explanation.mood, by_map.explanation.tag_drops) == (result.mood, {})
    np.testing.assert_allclose(by_map.explanation.heat_map, heatmap.compute(result, result.mood), atol=1e-4)


def test_without_a_tag_the_explanation_is_that_of_the_changed_result(engine, cascade, run, pictures):
    result = cascade.classify(pictures[0])
    strongest = next(iter(result.tags))
    expected = cascade.classify_without_tags(result, [strongest])
    (prediction,) = run(engine.predict([pictures[0]], PredictionOptions(explain_tags=True, without=(strongest,))))
    assert prediction.result.moods == pytest.approx(expected.moods, abs=1e-6)
    assert strongest not in list(prediction.result.tags)[:1]
    assert prediction.explanation.mood == expected.mood


def test_an_error_of_one_picture_does_not_affect_the_others(engine, run, pictures):
    broken = Picture.from_bytes(b"not a picture", name="broken.jpg")
    failed = Picture.failed("absent.jpg", InputError("not found", where="absent.jpg"))
    predictions = run(engine.predict([pictures[0], broken, failed, pictures[1]]))
    errors = [None if p.result.error is None else p.result.error.where for p in predictions]
    assert errors == [None, "broken.jpg", "absent.jpg", None]
    assert predictions[3].result.moods


def test_an_unknown_mood_is_an_error_of_the_picture(engine, run, pictures):
    (prediction,) = run(engine.predict([pictures[0]], PredictionOptions(explain_tags=True, mood="nostalgia")))
    assert "nostalgia" in str(prediction.result.error)


def test_rows_of_concurrent_requests_are_computed_together(engine, run):
    values = np.random.default_rng(0).dirichlet(np.full(1000, 0.05), size=6).astype(np.float32)

    async def predict_all():
        parts = np.split(values, [1, 4])
        matrices = [TagMatrix(part, list(range(len(part))), 0) for part in parts]
        return await asyncio.gather(*(engine.predict_rows(matrix) for matrix in matrices))

    found = run(predict_all())
    assert [len(part) for part in found] == [1, 3, 2]
    expected = model_directory.load("tags").predict(values)
    np.testing.assert_allclose(np.concatenate(found), expected, atol=1e-6)


def test_a_prediction_over_the_time_limit_is_refused(run, pictures):
    engine = Engine(Settings(limits=Limits(response_timeout_s=1e-6)), Metrics())
    with pytest.raises(OverloadedError, match="the response took too long to compute"):
        run(engine.predict(pictures))
    run(engine.close())


def test_more_pictures_than_the_queue_holds_are_refused(run, pictures):
    engine = Engine(Settings(limits=Limits(queue=2)), Metrics())
    with pytest.raises(OverloadedError, match="too many requests are waiting"):
        run(engine.predict(pictures))
    run(engine.close())


def test_a_model_that_takes_tags_only_classifies_pictures_and_rows(run, pictures):
    engine = Engine(Settings(model="tags"), Metrics())
    assert engine.model_name == "tags"
    assert engine.row_classifier.labels == engine.cascade.mood_classifier.labels
    (prediction,) = run(engine.predict(pictures[:1]))
    columns = list(engine.row_columns)
    scores = np.array([[prediction.result.tags.get(tag, 0) for tag in columns]], dtype=np.float32)
    (probabilities,) = run(engine.predict_rows(TagMatrix(scores, [0], 0)))
    expected = dict(zip(engine.row_classifier.labels, probabilities, strict=True))
    assert prediction.result.moods == pytest.approx(expected, abs=1e-5)
    run(engine.close())


def test_a_decoder_that_hangs_or_crashes_loses_only_its_own_picture(run, pictures, monkeypatch):
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    isolated = Engine(Settings(limits=Limits(decode_timeout_s=3)), Metrics())
    hostile = [Picture.from_bytes(word, name=word.decode()) for word in (b"hang", b"crash")]
    predictions = run(isolated.predict([hostile[0], *pictures, hostile[1]]))
    assert [str(prediction.result.error) for prediction in (predictions[0], predictions[-1])] == [
        "hang: decoding took longer than 3 s",
        "crash: the decoder crashed (SIGSEGV)",
    ]
    assert [prediction.result.error for prediction in predictions[1:-1]] == [None] * len(pictures)
    run(isolated.close())


def test_rows_with_an_invalid_output_fail_only_the_request_that_contains_them(engine, run, monkeypatch):
    valid, invalid = (np.full((2, 1000), value, np.float32) for value in (0.001, 0.5))
    predict = engine.row_classifier.predict

    def check(values):
        if values.max() == 0.5:
            raise OutputError("the output is not valid", where="mine.onnx", rows=[0])
        return predict(values)

    monkeypatch.setattr(engine.row_classifier, "predict", check)
    first, error, last = engine._predict_rows_batch([valid, invalid, valid[:1]], False)
    np.testing.assert_array_equal(first, predict(valid))
    np.testing.assert_array_equal(last, predict(valid[:1]))
    assert isinstance(error, OutputError)
    with pytest.raises(OutputError, match="not valid"):
        run(engine.predict_rows(TagMatrix(invalid, [1, 2], 0)))
