from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from imagemood import tables
from imagemood.acumos.classify_image import main
from imagemood.acumos.dump import dump
from imagemood.cli.app import app
from imagemood.learning import TrainingSet, train
from imagemood.tables.tag_set import TagSet
from tests.acumos.onboarding import onboarding_server


@pytest.fixture
def server():
    with onboarding_server() as running:
        yield running


@dataclass
class Finished:
    """The exit code, standard output and standard error of a command."""

    code: int
    out: str
    err: str


@dataclass
class ClassicCommand:
    """Runs the 2018 command in this process, in a folder with features, labels and a model."""

    folder: Path
    capsys: pytest.CaptureFixture

    def __call__(self, *arguments: str) -> Finished:
        code = 0
        try:
            main(arguments)
        except SystemExit as error:
            code = error.code
        return Finished(code, *self.capsys.readouterr())

    def repeat(self, done: Finished) -> str:
        """Run the last of the equivalent commands, and return its output."""
        program, *words = shlex.split(done.err.splitlines()[-1])
        assert program == "imagemood"
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture(scope="session")
def classic_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classic-command")
    moods = ["awe", "fear"] * 20
    scores = np.random.default_rng(3).uniform(0.1, 0.3, (40, 3)).astype(np.float32)
    scores[1::2, 0] += 0.4
    vocabulary = ("tag 1", "tag, 2", "tag 3")
    tables.write(TagSet.from_matrix(scores, range(40), vocabulary), folder / "features.csv")
    (folder / "labels.txt").write_text("\n".join(moods) + "\n")
    train(TrainingSet(scores, vocabulary, moods)).write(folder / "trained")
    dump(folder / "model", model=folder / "trained")
    return folder


@pytest.fixture
def classify(classic_folder, monkeypatch, capsys):
    monkeypatch.chdir(classic_folder)
    return ClassicCommand(classic_folder, capsys)
