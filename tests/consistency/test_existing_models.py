"""Every command that writes a model keeps an existing one, unless --force is given."""

from __future__ import annotations

import pytest
import typer.main

from imagemood.acumos import classify_image, dump
from imagemood.cli.app import app
from imagemood.exporting import tagger_export
from imagemood.models import model_directory
from tests.cli.commands import run, run_failing

MESSAGE = "the folder already contains a model (choose another folder, or add --force to replace it"
COMMANDS = {
    ("train", "--example", "--algorithm", "knn"): model_directory.MARKERS,
    ("finetune", "--images", "photos"): model_directory.MARKERS,
    ("tagger", "export", "timm/test_vit", "--random-weights"): tagger_export.MARKERS,
    ("acumos", "dump"): dump.MARKERS,
}
ADD_FILES = {"samples", "page"}  # to a folder with any other files
RESUME = {"bulk"}  # a dataset; they refuse one of another model


def write_model(folder, markers):
    folder.mkdir()
    for name in (*markers, "notes.txt"):
        (folder / name).write_text("mine")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_model_is_kept_without_force(command, tmp_path):
    model = tmp_path / "model"
    write_model(model, COMMANDS[command])
    text = run_failing(*command, "-o", model, code=2, message=MESSAGE)
    assert text.startswith(f"error: {model}: ")
    assert {file.read_text() for file in model.iterdir()} == {"mine"}
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize(
    ("command", "markers"),
    [
        (("train", "--example", "--algorithm", "knn"), model_directory.MARKERS),
        (("acumos", "dump"), dump.MARKERS),
    ],
)
def test_force_replaces_a_model(command, markers, tmp_path):
    model = tmp_path / "model"
    write_model(model, markers)
    done = run(*command, "-o", model, "--force")
    assert done.returncode == 0, done.stderr
    assert not (model / "notes.txt").exists()
    assert all((model / name).read_bytes() != b"mine" for name in markers)


def test_a_tagger_is_exported_over_another_one_with_force(tmp_path):
    write_model(tmp_path / "tagger", tagger_export.MARKERS)
    (tmp_path / "tagger" / "notes.txt").unlink()  # taggers have no other files
    command = ("tagger", "export", "resnet18", "-o", tmp_path / "tagger")
    run_failing(*command, code=2, message=MESSAGE)
    run_failing(*command, "--force", code=2, message="resnet18: unknown network")


def test_force_does_not_replace_other_folders(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    for command in COMMANDS:
        run_failing(*command, "-o", tmp_path, "--force", code=2, message="choose a new or an empty folder")


def test_an_empty_folder_needs_no_force(tmp_path):
    assert run("acumos", "dump", "-o", tmp_path).returncode == 0


def test_the_command_of_2018_keeps_a_model_before_it_reads_its_inputs(tmp_path, capsys):
    write_model(tmp_path / "model", dump.MARKERS)
    arguments = ["-l", "missing.txt", "-i", "missing.csv", "-d", str(tmp_path / "model")]
    for flags, message in (([], MESSAGE), (["--force"], "missing.csv: cannot be read")):
        with pytest.raises(SystemExit) as ended:
            classify_image.main([*arguments, *flags])
        assert ended.value.code == 2
        assert message in capsys.readouterr().err


def test_every_command_that_writes_a_folder_is_known():
    """A new command that writes a folder needs an entry above, and `--force` if the folder contains a model."""
    found = {}
    for name, command in commands(typer.main.get_command(app)):
        options = {flag: option for option in command.params for flag in option.opts}
        output = options.get("--output")
        if output is not None and output.metavar in ("DIR", "MODEL_DIR", "FOLDER"):
            found[name] = "--force" in options
    assert {name for name, has_force in found.items() if not has_force} == ADD_FILES | RESUME
    with_force = {name for name, has_force in found.items() if has_force}
    assert with_force == {" ".join(word for word in words[:2] if word.isalpha()) for words in COMMANDS}


def commands(group, prefix=""):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command
