from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import imagemood
from imagemood import tables
from imagemood.acumos.classify_image import make_parser
from imagemood.learning import TrainingSet
from imagemood.models import model_directory
from imagemood.tables.tag_set import TagSet

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "classify_image.py"


def run(*arguments, cwd, environment=None):
    command = [sys.executable, "-W", "error", SCRIPT, *map(str, arguments)]
    environment = {**os.environ, **(environment or {})}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tag rows and labels in the formats of the 2018 program: numbered images, one label per line."""
    folder = tmp_path_factory.mktemp("classic")
    example = TrainingSet.example().take(range(160))
    tags = TagSet.from_matrix(example.tags, range(160), example.vocabulary)
    tables.write(tags, folder / "features.csv")
    header, rows = (folder / "features.csv").read_text().split("\n", 1)
    assert header == "image,tag,score"
    (folder / "headerless.csv").write_text(rows)
    tables.write(tags, folder / "features.csv.bz2")
    (folder / "labels.txt").write_text("\n".join(example.moods) + "\n")
    return folder


@pytest.fixture(scope="module")
def trained(folder):
    return run("-l", "labels.txt", "-i", "features.csv", "-d", "model", "-s", 3, cwd=folder)


def test_the_parser_has_all_options_of_the_2018_program():
    flags = {option for action in make_parser()._actions for option in action.option_strings}
    assert flags == {
        *("-h", "--help", "-p", "--predict_path", "-i", "--input", "-C", "--cuda_env", "-l", "--labels"),
        *("-m", "--model_type", "-f", "--feature_nomask", "-n", "--add_softnoise", "-a", "--push_address"),
        *("-A", "--auth_address", "-d", "--dump_model", "-s", "--summary"),
    }
    assert make_parser().parse_args([]).model_type == "rf"


def test_training_evaluates_and_dumps(folder, trained):
    assert trained.returncode == 0, trained.stderr
    assert "Evaluation on a stratified test set of 20 % of the images:" in trained.stdout
    assert "Evaluation by 5-fold cross-validation:" in trained.stdout
    assert trained.stdout.count("macro avg") == 2
    assert sorted(path.name for path in (folder / "model").iterdir()) == [
        "metadata.json",
        "model.proto",
        "model.zip",
    ]
    assert model_directory.load(folder / "model").metadata.algorithm == "rf"


def test_the_summary_shows_the_strongest_tags_of_each_mood(trained):
    before_report = trained.stdout.split("Evaluation on")[0].splitlines()
    assert len([line for line in before_report if line.startswith("  ")]) == 8 * 3
    assert {"amusement", "fear"} <= set(before_report)


def test_prediction_with_the_dumped_model(folder, trained):
    done = run("-i", "features.csv", "-d", "model", "-p", "moods.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    predicted = tables.read(folder / "moods.csv")
    expected = model_directory.load(folder / "model").predict_rows(tables.read(folder / "features.csv")).rows
    assert predicted.images == expected.images == list(range(160))
    assert predicted.vocabulary == expected.vocabulary
    values = [rows.to_matrix(expected.vocabulary).values for rows in (predicted, expected)]
    np.testing.assert_allclose(*values, atol=1e-6)  # the order of sums depends on the number of threads


@pytest.mark.parametrize("features", ["headerless.csv", "features.csv.bz2"])
def test_tag_rows_without_header_or_compressed(folder, trained, features):
    done = run("-i", features, "-d", "model", "-p", f"moods-{features}.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    run("-i", "features.csv", "-d", "model", "-p", "moods.csv", cwd=folder)
    assert (folder / f"moods-{features}.csv").read_text() == (folder / "moods.csv").read_text()


def test_the_equivalent_commands_run(folder, trained):
    _, commands = trained.stderr.split("equivalent imagemood commands:\n")
    for command in commands.splitlines():
        words = shlex.split(command)
        assert words[0] == "imagemood"
        done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_equivalent_commands_train_the_same_model(folder, trained, tmp_path):
    flags = ["--algorithm", "rf", "--noise", "0.1"]
    source = ["--tags", "features.csv", "--labels", "labels.txt"]
    words = ["imagemood", "train", *source, *flags, "-o", str(tmp_path / "mine")]
    subprocess.run([sys.executable, "-m", *words], cwd=folder, check=True, capture_output=True)
    tags = tables.read(folder / "features.csv")
    expected, predicted = (
        model_directory.load(path).predict_rows(tags).rows for path in (tmp_path / "mine", folder / "model")
    )
    assert predicted == expected


def test_training_an_svm(folder):
    done = run("-l", "labels.txt", "-i", "features.csv", "-m", "svm", "-d", "svm-model", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert model_directory.load(folder / "svm-model").metadata.algorithm == "svm"


def test_options_do_what_their_help_says(folder):
    done = run("-l", "labels.txt", "-i", "features.csv", "-f", "-n", "-d", "masked", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "in the 2018 program it switched them off" in done.stderr
    assert "in the 2018 program it switched the noise on" in done.stderr
    augmentation = model_directory.load(folder / "masked").metadata.parameters["augmentation"]
    assert augmentation["mask_fractions"] == [0.1, 0.25, 0.5, 1.0]
    assert augmentation["noise"] == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no tag rows"),
        (["-i", "features.csv"], "nothing to do"),
        (["-i", "features.csv", "-p", "x.csv"], "no model to predict with"),
        (["-i", "absent.csv", "-l", "labels.txt"], "absent.csv: cannot be read"),
        (["-i", "features.csv", "-l", "short.txt"], "short.txt: 1 labels for 160 images"),
        (["-i", "features.csv", "-l", "labels.txt", "-d", "."], "the folder is not empty"),
        (["-i", "features.csv", "-d", "nowhere"], "nowhere: no such model directory"),
        (["-i", "features.csv", "-l", "labels.txt", "-s", "-3"], "argument -s/--summary: '-3' is not a number"),
        (["-i", "features.csv", "-l", "labels.txt", "-s", "x"], "argument -s/--summary: 'x' is not a number"),
        (["-i", "features.csv", "-l", "labels.txt", "-a", "acumos"], "acumos: not an HTTP(S) URL"),
        (["-i", "features.csv", "-l", "labels.txt", "--ca-file", "absent.pem"], "absent.pem: cannot be read"),
        (["-i", "features.csv", "-d", "nowhere", "-p", "x.csv"], "nowhere: no such model directory"),
        (["-m", "svc"], "invalid choice: 'svc'"),
    ],
)
def test_invalid_usage(folder, arguments, message):
    (folder / "short.txt").write_text("awe\n")
    done = run(*arguments, cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "x.csv").exists()


def test_an_unreachable_server(folder):
    environment = {"ACUMOS_TOKEN": "secret-1", "ACUMOS_PUSH": "http://127.0.0.1:1/push"}
    done = run("-l", "labels.txt", "-i", "features.csv", "-d", "pushed", cwd=folder, environment=environment)
    assert done.returncode == 1
    assert "error: http://127.0.0.1:1/push: cannot connect" in done.stderr
    assert "secret-1" not in done.stderr + done.stdout
    assert (folder / "pushed" / "model.zip").exists()


def test_the_dumped_model_records_the_version_of_the_package(folder, trained):
    versions = model_directory.load(folder / "model").metadata.versions
    assert versions["image-mood-classifier"] == imagemood.__version__
    assert np.isclose(sum(model_directory.load(folder / "model").metadata.prior.values()), 1)
    assert json.loads((folder / "model" / "metadata.json").read_text())["schema"] == "acumos.schema.model:0.6.0"


def test_the_dump_has_the_name_of_2018(folder, trained):
    assert json.loads((folder / "model" / "metadata.json").read_text())["name"] == "image_mood_classifier"
