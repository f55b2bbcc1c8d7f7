"""The behaviour that all commands have in common."""

from __future__ import annotations

import functools
import shlex
import shutil
import signal
import socket
import subprocess
import sys

import pytest
import typer

import imagemood
from imagemood.cli.app import app, bundles, taggers
from imagemood.errors import InputError, RemoteError
from imagemood.learning import TrainingSet
from tests.bulk.conftest import write_photos
from tests.cli.commands import run, run_failing, run_process
from tests.learning.datasets import imitations
from tests.pictures.pixels.file_formats.media import video

NAMES = {info.callback.__name__.replace("_", "-"): info for info in app.registered_commands}
NAMES |= {f"acumos {info.callback.__name__}": info for info in bundles.registered_commands}
NAMES |= {f"tagger {info.callback.__name__}": info for info in taggers.registered_commands}
GROUP = typer.main.get_command(app)
HEAVY = {"numpy", "pyarrow", "onnxruntime", "sklearn", "PIL", "google", "onnx", "skimage", "cv2", "daft", "httpx"}
HEAVY |= {"torch", "timm", "open_clip", "transformers", "huggingface_hub"}


def command_of(name):
    group = GROUP
    for word in name.split():
        group = group.commands[word]
    return group


def example_of(name):
    """Return the arguments of the example in the help of a command."""
    prefix = "Example: imagemood "
    epilog = command_of(name).epilog
    assert epilog.startswith(prefix)
    return shlex.split(epilog.removeprefix(prefix))


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_documented(name):
    command = command_of(name)
    assert command.help[0].isupper()
    assert command.help.rstrip().endswith(".")
    assert example_of(name)[: len(name.split())] == name.split()
    for parameter in command.params:
        assert parameter.help, f"{name}: {parameter.name} has no help"
        assert parameter.help.endswith((".", ")")), parameter.help
        assert parameter.metavar or getattr(parameter, "is_flag", False) or parameter.type.name == "choice"
    text = run(*name.split(), "--help").stdout.decode()
    assert " ".join(f"Example: imagemood {shlex.join(example_of(name))}".split()) in " ".join(text.split())


def test_the_help_of_all_commands():
    text = run("--help").stdout.decode()
    assert text == run("-h").stdout.decode()
    assert "Example: imagemood classify photo.jpg" in text
    for name in GROUP.commands:
        assert f" {name} " in text
    assert run().returncode == 2  # the help, because a command is missing


@pytest.fixture(scope="module")
def workspace(photos, tmp_path_factory):
    """A folder with the files that the examples name."""
    folder = tmp_path_factory.mktemp("workspace")
    shutil.copytree(photos, folder / "holiday")
    for mood in ("calm", "joy"):
        write_photos(folder / "photos" / mood, 12, seed=len(mood))
    imitations.art_photo(folder, n=5)
    shutil.copy(next((folder / "holiday").glob("*.jpg")), folder / "beach.jpg")
    (folder / "film.mp4").write_bytes(video())
    return folder


# Those that need a server or much time are only parsed. The others run one after the other, and use each other's
# output.
EXAMPLES = [
    "classify", "tag", "features", "mood", "train", "evaluate", "compare", "reproduce", "summary", "info", "demo",
    "samples", "page", "search", "similar", "cluster", "album", "timeline", "acumos dump",
]  # fmt: skip
LESS_TIME = {"evaluate": ("--folds", 2), "compare": ("--folds", 2, "--jobs", 1)}


def test_the_examples_run(workspace, monkeypatch):
    example = TrainingSet.example().sample(200)  # instead of 1,600 pictures, to save time
    monkeypatch.setattr(TrainingSet, "example", lambda: example)
    for name in EXAMPLES:
        completed = run(*example_of(name), *LESS_TIME.get(name, ()), cwd=workspace)
        assert completed.returncode == 0, (name, completed.stderr)
    for name in ("bulk", "gallery"):
        completed = run_process(*example_of(name), cwd=workspace)
        assert completed.returncode == 0, (name, completed.stderr)
    given = {"beach.jpg", "film.mp4", "holiday", "photos", "testImages_artphoto"}
    assert {path.name for path in workspace.iterdir()} - given == {
        "albums.csv", "bundle", "comparison.json", "features.parquet", "film.svg", "forest", "holiday.html",
        "imagemood-work", "moods", "moods.csv", "moods.html",
        "page", "report", "samples", "tags.csv.gz",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["serve", "acumos push", "finetune", "tagger export", "write-xmp"])
def test_the_other_examples_are_valid(name):
    arguments = example_of(name)[len(name.split()) :]
    assert command_of(name).make_context(name, arguments).params


def test_all_examples_are_tested():
    others = {"bulk", "gallery", "serve", "acumos push", "finetune", "tagger export", "write-xmp"}
    assert {*EXAMPLES, *others} == set(NAMES)


def test_version():
    assert run("--version").stdout.decode() == f"imagemood {imagemood.__version__}\n"


def replace_command(monkeypatch, name, function):
    """Replace what a command does, but not its parameters."""
    info = NAMES[name]
    monkeypatch.setattr(info, "callback", functools.wraps(info.callback)(function))


@pytest.mark.parametrize("name", NAMES)
def test_an_interrupt_ends_every_command_with_one_line(name, monkeypatch):
    replace_command(monkeypatch, name, lambda **_: signal.raise_signal(signal.SIGINT))
    completed = run(*example_of(name))
    assert (completed.returncode, completed.stdout, completed.stderr) == (130, b"", b"interrupted\n")


@pytest.mark.parametrize("name", NAMES)
def test_errors_of_every_command_are_one_line(name, monkeypatch):
    def fail(**_):
        raise InputError("not a\ndirectory", where="x.jpg", hint="give a folder")

    replace_command(monkeypatch, name, fail)
    completed = run(*example_of(name))
    assert (completed.returncode, completed.stdout) == (2, b"")
    assert completed.stderr == b"error: x.jpg: not a directory (give a folder)\n"


def test_the_exit_code_of_a_remote_error(monkeypatch):
    def fail(**_):
        raise RemoteError("the server responded with 503")

    replace_command(monkeypatch, "demo", fail)
    assert run("demo").returncode == 1


INTERRUPTED_IMPORT = """
import signal, sys
from imagemood.cli import main

class InterruptedModule:
    def __getattr__(self, name):
        signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # also if the tests run in the background
sys.modules["imagemood.cli.app"] = InterruptedModule()
main()
"""


def test_an_interrupt_while_the_commands_are_loaded():
    completed = subprocess.run([sys.executable, "-c", INTERRUPTED_IMPORT, "--version"], capture_output=True)
    assert (completed.returncode, completed.stdout, completed.stderr) == (130, b"", b"interrupted\n")


@pytest.mark.parametrize("name", ["frobnicate", "Classify", "--frobnicate"])
def test_unknown_commands_and_options(name):
    run_failing(name, code=2, message="No such")


@pytest.mark.parametrize("name", NAMES)
def test_empty_values_are_refused(name):
    """An empty path, such as that of an unset variable in a shell, would mean the working folder."""
    command = command_of(name)
    for parameter in command.params:
        if parameter.param_type_name == "option" and not parameter.is_flag:
            option = parameter.opts[-1]
            for arguments in ([option, ""], [f"{option}="]):
                with pytest.raises(typer.BadParameter, match="the value is empty"):
                    command.make_context(name, arguments)


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_libraries_cannot_compute_with_are_refused(name):
    command, arguments = command_of(name), example_of(name)[len(name.split()) :]
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.type.name.startswith(("int", "float")):
            for value in ("nan", "inf", "-1", f"{10**23}", "1e308", "9" * 400):
                with pytest.raises(typer.BadParameter, match=r"not a |not in the range"):
                    command.make_context(name, [*arguments, f"{parameter.opts[-1]}={value}"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["mood", ""],
        ["search", "", "--mood", "awe"],
        ["gallery", "", "-o", "x.html"],
        ["bulk", "", "-o", "x"],
    ],
)
def test_empty_arguments_are_refused(arguments):
    run_failing(*arguments, code=2, message="the value is empty")


def test_an_empty_path_among_pictures_is_one_that_cannot_be_read(photos):
    completed = run("classify", "", photos / "chelsea.png")
    assert (completed.returncode, completed.stderr) == (1, b"error: missing path\n")
    assert completed.stdout


@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        ["classify", "PHOTOS"],
        ["tag", "PHOTOS"],
        ["search", "PHOTOS", "--mood", "awe"],
        ["train", "--images", "PHOTOS", "-o", "m"],
        ["evaluate", "--images", "PHOTOS"],
        ["compare", "--images", "PHOTOS", "--work", "w"],
        ["summary", "5", "--images", "PHOTOS"],
        ["serve", "--no-downstream", "--port", "PORT"],
        ["info"],
    ],
    ids=lambda command: command[0],
)
def test_the_device_is_passed_to_the_network(command, by_environment, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        values = {"PHOTOS": str(photos), "PORT": str(free.getsockname()[1])}
    command = [values.get(word, word) for word in command]
    if by_environment:
        monkeypatch.setenv("IMAGEMOOD_DEVICE", "cuda:9999")
    else:
        command += ["--device", "cuda:9999"]
    with pytest.raises(InputError, match=r"^device cuda:9999: "):
        app(command, standalone_mode=False)


@pytest.mark.parametrize("arguments", [["--help"], ["bulk", "--help"], ["train", "--help"], ["--version"]])
def test_help_imports_only_what_is_needed(arguments):
    code = (
        f"import sys; from imagemood.cli.app import app; app({arguments}, standalone_mode=False); "
        "print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "typer" in completed.stderr.split()
    assert not HEAVY & set(completed.stderr.split())
