from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from imagemood import builtin
from imagemood.finetuning import finetune as finetuning
from imagemood.finetuning.training import Training
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade
from tests.cli.commands import run, run_failing
from tests.finetuning.mood_folders import write_moods

MOODS = ("Große Freude", "calm", "unease")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr("imagemood.finetuning.device.cpu_count", lambda: 1)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Return a folder with three moods, and a file in it that is not a picture."""
    folder = write_moods(tmp_path_factory.mktemp("finetune") / "photos", MOODS, n_photos=6)
    (folder / "calm" / "broken.jpg").write_bytes(b"text")
    return folder


def command(photos, model, *arguments):
    return ("finetune", "--images", photos, "-o", model, "--epochs", 2, "--device", "cpu", *arguments)


@pytest.fixture(scope="module")
def finetuned(photos):
    """Return a model directory, and what the commands printed; the first one is interrupted."""
    model = photos.parent / "model"
    step, n_steps = Training.step, 0

    def interrupted_step(*arguments):
        nonlocal n_steps
        n_steps += 1
        if n_steps == 2:
            raise KeyboardInterrupt
        return step(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finetuning, "_CHECKPOINT_S", 0)
        patch.setattr(Training, "step", interrupted_step)
        interrupted = run(*command(photos, model))
        assert (photos.parent / "model-work" / "checkpoint.npz").is_file()
        patch.setattr(Training, "step", step)
        done = run(*command(photos, model))
    return model, interrupted, done


def test_an_interrupted_command_says_how_to_resume_and_resumes(finetuned):
    model, interrupted, done = finetuned
    assert interrupted.returncode == 130
    assert b"interrupted (run the same command again to resume)" in interrupted.stderr
    assert b"15 photos of 3 moods for training, 3 held out; 2 epochs on cpu\n" in interrupted.stderr
    assert b"2 epochs on cpu, resumed after step 1 of 2\n" in done.stderr
    assert f"{model}: fine-tuned network, trained on 15 pictures" in done.stderr.decode()
    assert [path.name for path in sorted(model.parent.iterdir())] == ["model", "photos"]


def test_pictures_that_cannot_be_read_are_named(finetuned, photos):
    _, _, done = finetuned
    assert done.returncode == 1
    assert f"error: {photos / 'calm' / 'broken.jpg'}: unsupported image format" in done.stderr.decode()


def test_the_metrics_of_the_held_out_pictures_are_shown_and_stored(finetuned):
    model, _, done = finetuned
    metadata = json.loads((model / "metadata.json").read_text())
    assert metadata["metrics"]["n_images"] == metadata["training_set"]["n_held_out"] == 3
    assert metadata["training_set"]["images_per_mood"] == dict.fromkeys(MOODS, 5)
    assert f"log loss           {metadata['metrics']['log_loss']:.3f}" in done.stdout.decode()
    assert metadata["parameters"]["start"] == "moods"


def test_the_model_needs_no_other_option(finetuned, photos):
    model, _, _ = finetuned
    done = run("classify", "--model", model, "--format", "json", photos / "calm" / "000.png")
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert set(json.loads(line)["moods"]) == set(MOODS)
    assert b"fine-tuned" in run("info", "--model", model).stdout


def test_the_classifier_is_the_head_of_the_network_and_the_tags_are_the_built_in_ones(finetuned):
    model, _, _ = finetuned
    cascade = Cascade.load(model)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    results = list(cascade.classify_many(pixels))
    logits = cascade.tagger.network.run("moods", image=pixels)["moods"]
    expected = torch.softmax(torch.from_numpy(logits), dim=1).numpy()  # too few photos for a calibration
    np.testing.assert_allclose([result.probabilities for result in results], expected, atol=1e-4)
    built_in = Tagger.load().predict(pixels, ("tags",)).scores
    np.testing.assert_allclose(cascade.tagger.predict(pixels, ("tags",)).scores, built_in, atol=1e-6)


def test_nothing_is_held_out_on_request_and_a_work_folder_is_kept(photos, tmp_path, monkeypatch):
    card = json.loads(builtin.path("network.json").read_text())
    built_in = builtin.path("network.onnx").read_bytes(), card  # exporting another network takes time
    monkeypatch.setattr("imagemood.finetuning.model.export", lambda *_, **__: built_in)
    monkeypatch.setattr("imagemood.finetuning.model._check", lambda *_: None)
    model, work = tmp_path / "model", tmp_path / "work"
    arguments = command(photos, model, "--held-out", 0, "--work", work, "--start", "tags", "--format", "json")
    done = run(*arguments)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {}
    assert b"18 photos of 3 moods for training, 0 held out" in done.stderr
    assert "No metrics were measured" in (model / "README.md").read_text()
    assert (work / "checkpoint.npz").is_file()
    run_failing(*arguments, "--force", "--seed", 1, code=2, message="belongs to a training with other settings")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--start", "nothing"), "unknown starting weights 'nothing' (use moods or tags)"),
        (("--device", "tpu"), "unknown device 'tpu'"),
        (("--held-out", 0.9), "0<=x<=0.5"),
        (("--epochs", 0), "1<=x<=1000"),
        (("--seed", -1), "x>=0"),
    ],
)
def test_invalid_options_are_errors(photos, tmp_path, arguments, message):
    completed = run(*command(photos, tmp_path / "model", *arguments))
    assert completed.returncode == 2
    assert message in " ".join(completed.stderr.decode().replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_with_other_files_is_refused_before_the_training(photos, tmp_path):
    (tmp_path / "diary.txt").touch()
    run_failing(*command(photos, tmp_path), code=2, message="does not contain model.onnx")


def test_the_work_folder_is_not_the_model_directory(photos, tmp_path):
    for work in (tmp_path / "model", tmp_path / "model" / "work"):
        message = "the work folder is in the model directory"
        run_failing(*command(photos, tmp_path / "model", "--work", work), code=2, message=message)
    assert list(tmp_path.iterdir()) == []


def test_too_few_pictures_are_an_error(tmp_path):
    folder = write_moods(tmp_path / "photos", ("calm", "joy"), n_photos=1)
    run_failing(*command(folder, tmp_path / "model"), code=2, message="each mood needs 2 images")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_the_labels_can_be_in_a_table_with_votes_and_splits(tmp_path):
    folder = write_moods(tmp_path / "photos", ("a",), n_photos=13) / "a"
    names = sorted(path.name for path in folder.iterdir())
    lines = ["image,calm,joy,split", f"{names[0]},2,2,train", f"{names[1]},3,0,test"]
    lines += [f"{name},{3 - i % 2},{3 * (i % 2)},train" for i, name in enumerate(names[2:12])]
    (folder / "votes.csv").write_text("\n".join(lines) + "\n")
    model = tmp_path / "model"
    done = run(*command(folder, model, "--labels", folder / "votes.csv", "--held-out", 0, "--epochs", 1))
    assert done.returncode == 0, done.stderr
    metadata = json.loads((model / "metadata.json").read_text())
    assert metadata["training_set"]["images_per_mood"] == {"calm": 5, "joy": 5}


def test_a_missing_table_of_labels_is_an_error(photos, tmp_path):
    table = tmp_path / "labels.csv"
    arguments = command(photos, tmp_path / "model", "--labels", table)
    run_failing(*arguments, code=2, message=f"{table}: cannot be read: No such file or directory")


def test_one_mood_is_an_error(tmp_path):
    folder = write_moods(tmp_path / "photos", ("calm",), n_photos=3)
    run_failing(*command(folder, tmp_path / "model"), code=2, message="all images have the mood 'calm'")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_pictures_that_cannot_be_read_are_too_few(tmp_path):
    folder, model = write_moods(tmp_path / "photos", ("calm", "joy"), n_photos=2), tmp_path / "model"
    for path, n_readable in zip(sorted((folder / "joy").iterdir()), (1, 0), strict=True):
        path.write_bytes(b"text")
        message = f"each mood needs 2 images, but 'joy' has {n_readable}"
        done = run_failing(*command(folder, model), code=2, message=message)
        assert str(path) in done
        assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_a_missing_library_is_named_with_its_extra(photos, tmp_path, monkeypatch):
    monkeypatch.setattr("imagemood._extras.find_spec", lambda name: None if name == "torch" else find_spec(name))
    message = "torch is not installed ("
    run_failing(*command(photos, tmp_path / "model"), code=2, message=message)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("DefaultCPUAllocator: can't allocate memory: you tried", "not enough memory for training: DefaultCPU"),
        (
            "CUDA out of memory. Tried to allocate 9 GiB\nMore",
            "not enough memory for training: CUDA out of memory.",
        ),
        ("CUDA error: unspecified launch failure\nMore", "the GPU has failed: CUDA error: unspecified launch"),
    ],
)
def test_failures_of_pytorch_are_errors_of_one_line(photos, tmp_path, monkeypatch, problem, message):
    def fail(*_):
        raise RuntimeError(problem)

    monkeypatch.setattr(Training, "step", fail)
    run_failing(*command(photos, tmp_path / "model"), code=2, message=message)


def test_an_export_that_fails_is_an_error_and_keeps_the_checkpoint(photos, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise TypeError("no translation\nDetails")

    monkeypatch.setattr("imagemood.finetuning.model.export", fail)
    message = "the trained network cannot be exported: no translation (install other versions"
    run_failing(*command(photos, tmp_path / "model"), code=2, message=message)
    assert (tmp_path / "model-work" / "checkpoint.npz").is_file()


def test_a_training_that_diverges_is_an_error(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(Training, "step", lambda *_: float("nan"))
    run_failing(*command(photos, tmp_path / "model"), code=2, message="the training has diverged")
