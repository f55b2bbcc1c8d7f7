"""The example of CONTRIBUTING.md works: a new algorithm changes one file, and everything else derives from it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import imagemood
from imagemood import tables
from imagemood.learning import TrainingSet
from imagemood.tables.tag_set import TagSet

ROOT = Path(__file__).parents[2]
PACKAGE = Path(imagemood.__file__).parent
COMPARE_WITH_SCIKIT_LEARN = """
import numpy as np
from imagemood.learning import TrainingSet, train

training_set = TrainingSet.example().sample(80)
model = train(training_set, "lda")
probabilities = model.classifier().predict(**training_set.inputs)
np.testing.assert_allclose(probabilities, model.estimator.predict_proba(training_set.features), atol=1e-5)
"""


@pytest.fixture(scope="module")
def example():
    """The code of the example: the function and the entry."""
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = guide.split("## Example: add an algorithm\n")[1].split("\n## ")[0]
    function, entry = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    return function, entry


@pytest.fixture(scope="module")
def run(example, tmp_path_factory):
    """Run Python with a copy of the package to which the example has been added."""
    function, entry = example
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(
        PACKAGE, folder / "imagemood", ignore=shutil.ignore_patterns("__pycache__", "static", "builtin")
    )
    (folder / "imagemood" / "builtin").symlink_to(PACKAGE / "builtin")
    module = folder / "imagemood" / "learning" / "algorithms.py"
    source = module.read_text("utf-8")
    assert source.count("\n_SPECS = (\n") == 1
    module.write_text(source.replace("\n_SPECS = (\n", f"\n{function}\n\n_SPECS = (\n{entry},\n"), "utf-8")

    def run(*arguments):
        command = [sys.executable, *arguments]
        environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
        completed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert completed.returncode == 0, completed.stderr
        return completed.stdout

    return run


def test_the_command_line_offers_the_new_algorithm(run):
    assert "lda: linear discriminant analysis" in " ".join(run("-m", "imagemood", "train", "--help").split())


def test_the_new_algorithm_is_trained_and_saved(run, tmp_path):
    training_set = TrainingSet.example().sample(80)
    tags = TagSet.from_matrix(training_set.tags, range(80), training_set.vocabulary)
    tables.write(tags, tmp_path / "tags.csv")
    (tmp_path / "labels.txt").write_text("\n".join(training_set.moods))
    files = ("--tags", tmp_path / "tags.csv", "--labels", tmp_path / "labels.txt")
    run("-m", "imagemood", "train", *files, "--algorithm", "lda", "-o", "model")
    assert "lda" in run("-m", "imagemood", "info", "--model", "model")


def test_the_exported_network_has_the_probabilities_of_scikit_learn(run):
    run("-c", COMPARE_WITH_SCIKIT_LEARN)
