"""Cascades in threads and in other processes, however they are started."""

# ruff: noqa: S301 (the tests have written what they unpickle)

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import joblib
import numpy as np
import pytest

from imagemood.errors import IncompatibleModelError
from imagemood.learning import TrainingSet, train
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

TIMEOUT_S = 120


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade.load(n_workers=2)


@pytest.fixture(scope="module")
def paths(sample_photos):
    return [str(sample_photos / name) for name in ("coffee.png", "rocket.jpg", "chelsea.png", "astronaut.png")]


@pytest.fixture(scope="module")
def moods(cascade, paths):
    list(cascade.classify_many(paths))  # starts all threads, as in a program that has used the cascade
    return [cascade.classify(path).moods for path in paths]


def check(results, moods):
    for result, expected in zip(results, moods, strict=True):
        assert result.moods == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda cascade: pickle.loads(pickle.dumps(cascade))]
)
def test_copies_predict_the_same(cascade, paths, moods, duplicate):
    other = duplicate(cascade)
    assert other is not cascade
    assert other.n_workers == cascade.n_workers
    check(other.classify_many(paths), moods)
    check(map(other.classify, paths), moods)


def test_pickles_are_small_and_the_same_for_the_same_models(cascade):
    content = pickle.dumps(cascade)
    assert len(content) < 1000
    assert pickle.dumps(Cascade.load(n_workers=2)) == content
    assert pickle.dumps(pickle.loads(content)) == content
    for other in (
        Cascade.load("tags", n_workers=2),
        Cascade.load(n_workers=2, n_views=2),
        Cascade.load(n_workers=1),
    ):
        assert pickle.dumps(other) != content
    code = (
        "import pickle, sys, imagemood; sys.stdout.buffer.write(pickle.dumps(imagemood.Cascade.load(n_workers=2)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == content


def test_options_are_kept(paths):
    cascade = Cascade.load("tags", n_workers=1, n_views=2, device="cpu", decode_timeout_s=50)
    other = pickle.loads(pickle.dumps(cascade))
    assert (other.n_workers, other.n_views, other.mood_classifier.inputs) == (1, 2, ("tags",))
    assert other.decoder.__self__.timeout_s == 50
    assert other.classify(paths[0]).moods == pytest.approx(cascade.classify(paths[0]).moods, abs=1e-6)


@pytest.fixture
def model(tmp_path):
    training_set = TrainingSet.example().sample(40)
    train(training_set, "logistic").write(tmp_path / "model")
    return tmp_path / "model"


def test_a_model_directory_is_found_from_another_working_directory(model, paths, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    cascade = Cascade.load("model")
    content = pickle.dumps(cascade)
    monkeypatch.chdir("/")
    check([pickle.loads(content).classify(paths[0])], [cascade.classify(paths[0]).moods])


def test_a_model_that_was_changed_is_an_error(model):
    content = pickle.dumps(Cascade.load(model))
    train(TrainingSet.example().sample(48), "logistic").write(model)
    with pytest.raises(IncompatibleModelError, match="model: the model was changed after the cascade was pickled"):
        pickle.loads(content)


def test_models_that_were_given_are_part_of_the_pickle(paths, model):
    cascade = Cascade(Tagger.load(), model_directory.load(model), n_workers=1)
    content = pickle.dumps(cascade)
    for file in model.iterdir():
        file.unlink()
    other = pickle.loads(content)
    check(map(other.classify, paths), [cascade.classify(path).moods for path in paths])
    assert pickle.dumps(other) == content
    tags = np.zeros((1, 1000), np.float32)
    tags[0, 5] = 1
    classifier = pickle.loads(pickle.dumps(cascade.mood_classifier))
    np.testing.assert_array_equal(classifier.predict(tags), cascade.mood_classifier.predict(tags))


def test_threads_share_a_cascade(cascade, paths, moods):
    with ThreadPoolExecutor(8) as pool:
        check(pool.map(cascade.classify, paths * 4), moods * 4)
        for results in pool.map(lambda _: list(cascade.classify_many(paths)), range(4)):
            check(results, moods)


def test_spawned_processes(cascade, paths, moods):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        check(pool.map(cascade.classify, paths, timeout=TIMEOUT_S), moods)


def test_joblib(cascade, paths, moods):
    tasks = [joblib.delayed(cascade.classify)(path) for path in paths]
    check(joblib.Parallel(2, timeout=TIMEOUT_S)(tasks), moods)


shared: Cascade
"""A cascade that forked processes inherit."""


def classify_with_inherited(paths):
    return [*map(shared.classify, paths), *shared.classify_many(paths)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_processes_inherit_a_cascade_that_was_used(cascade, paths, moods):
    global shared  # noqa: PLW0603
    shared = cascade
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for results in pool.map_async(classify_with_inherited, [paths, paths]).get(TIMEOUT_S):
            check(results, moods * 2)
        check(pool.map_async(cascade.classify, paths).get(TIMEOUT_S), moods)


def test_datasets_map_with_a_stable_fingerprint(cascade, paths, moods, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    datasets = pytest.importorskip("datasets")
    from datasets.fingerprint import Hasher

    datasets.disable_progress_bars()
    dataset = datasets.Dataset.from_dict({"image": paths}).cast_column("image", datasets.Image())
    check(
        cascade.classify_many(dataset["image"]), [cascade.classify(picture).moods for picture in dataset["image"]]
    )
    encoded = dataset.cast_column("image", datasets.Image(decode=False))
    check(cascade.classify_many(encoded["image"]), moods)

    def add_mood(row):
        return {"mood": cascade.classify(row["image"]).mood}

    monkeypatch.setattr(os, "environ", os.environ)  # datasets replaces it by a copy
    mapped = encoded.map(add_mood, num_proc=2)
    assert mapped["mood"][:] == [next(iter(expected)) for expected in moods]
    assert Hasher.hash(cascade.classify) == Hasher.hash(Cascade.load(n_workers=2).classify)
    assert Hasher.hash(cascade) != Hasher.hash(Cascade.load("tags", n_workers=2))


def test_tasks_that_ray_sends(cascade, paths, moods):
    import cloudpickle

    # Ray sends tasks with cloudpickle; starting Ray itself would take much longer.
    code = (
        "import sys, cloudpickle; task, path = cloudpickle.load(sys.stdin.buffer); "
        "sys.stdout.buffer.write(cloudpickle.dumps(task(path)))"
    )
    task = cloudpickle.dumps((lambda path: cascade.classify(path).moods, paths[0]))
    done = subprocess.run([sys.executable, "-c", code], input=task, capture_output=True, check=True)
    assert cloudpickle.loads(done.stdout) == pytest.approx(moods[0], abs=1e-6)
