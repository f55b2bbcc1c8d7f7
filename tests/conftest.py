from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from imagemood import errors
from imagemood.learning import TrainingSet
from imagemood.models.tagger import Tagger
from imagemood.pictures import formats
from imagemood.tables.tag_set import TagSet

# Tests have no deadlines, and in CI they use the same examples in every run.
settings.register_profile("everywhere", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "everywhere")


@pytest.fixture(scope="session", autouse=True)
def one_thread_for_each_network() -> Iterator[None]:
    """Let the networks in the processes of the tests use one thread, since these processes share the cores."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("imagemood.models.network.cpu_count", lambda: 1)
        yield


@pytest.fixture(scope="session")
def sample_photos() -> Path:
    """Folder of the photos in scikit-image. If they are missing, the tests fail instead of being skipped."""
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


@pytest.fixture(scope="session")
def training_set() -> TrainingSet:
    """Tags and embeddings of 240 synthetic images, with three moods of unequal frequency that can be separated."""
    rng = np.random.default_rng(0)
    moods = np.repeat(["Große Freude", "awe", "quiet fear"], [120, 80, 40])
    weights = np.full((3, 30), 0.05)
    weights[[0, 0, 1, 1, 2, 2], [1, 2, 11, 12, 21, 22]] = 1.0
    mood_index = np.unique(moods, return_inverse=True)[1]
    tags = np.stack([rng.dirichlet(weights[index]) for index in mood_index]).astype(np.float32)
    embedding = (rng.normal(size=(240, 16)) + 4 * np.eye(16)[mood_index]).astype(np.float32)
    order = rng.permutation(240)
    vocabulary = tuple(f"tag {i}" for i in range(30))
    return TrainingSet(tags[order], vocabulary, moods[order].tolist(), embedding[order])


@pytest.fixture(scope="session")
def numbered_tags() -> TagSet:
    """Tag rows of four numbered images, with a duplicate tag, and with an image that has unknown tags only."""
    scores = np.random.default_rng(0).dirichlet(np.full(1000, 0.02), size=3).astype(np.float32)
    rows = TagSet.from_matrix(scores, [40, 7, 12], Tagger.load().labels, n_top=50).table.to_pydict()
    extra = ([7, 7, 99], ["volcano", "yeti", "yeti"], [0.01, 0.5, 1.0])
    return TagSet.from_rows(*(column + list(more) for column, more in zip(rows.values(), extra, strict=True)))


@pytest.fixture(scope="session")
def model_v1() -> Path:
    """A model directory in the first version of the format, which must remain loadable."""
    return Path(__file__).parent / "regressions" / "model_v1"


@pytest.fixture
def installed_by_pip(monkeypatch) -> None:
    """Let messages show the commands of pip for a release, however the package under test was installed."""

    def command(extra: str) -> str:
        return f"pip install 'image-mood-classifier[{extra}]'"

    for module in (errors, formats):
        monkeypatch.setattr(module, "install_command", command)


@pytest.fixture
def lock(monkeypatch) -> Callable[[str], None]:
    """A function that makes folders unlistable whose paths end with a text, even for the superuser."""
    real = os.scandir

    def lock(name: str) -> None:
        def scandir(path):
            if str(path).endswith(name):
                raise PermissionError(13, "Permission denied", path)
            return real(path)

        monkeypatch.setattr(os, "scandir", scandir)

    return lock


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection(session):
    """Let the garbage collector ignore the objects of the imported modules and of the collected tests.

    There are so many that checking them again and again takes half of the time of the collection.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items):
    """Run the longest tests first, so that no process has to wait for them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Report skipped tests as failed in CI, where all tests must run."""
    report = (yield).get_result()
    # scikit-learn's own checks skip other libraries' arrays and tables if these libraries are not installed.
    expected = "checks_of_scikit_learn" in report.nodeid
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail") and not expected:
        report.outcome = "failed"
