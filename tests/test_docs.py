from __future__ import annotations

import doctest
import importlib
import linecache
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import imagemood
from imagemood.learning import TrainingSet
from tests.cli.commands import run
from tests.pictures.pixels.file_formats.media import video

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(imagemood.__path__, "imagemood.")
    if not module.name.endswith(("_pb2", "__main__"))
)


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name, monkeypatch):
    # Before each example, doctest looks for changes of all modules whose source was read: thousands of files.
    monkeypatch.setattr(linecache, "checkcache", lambda *_: None)
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    assert doctest.testmod(module).failed == 0


def test_public_names_exist_and_are_documented_also_on_the_pages_of_the_api():
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs" / "api").glob("*.md"))
    for name in imagemood.__all__:
        assert getattr(imagemood, name).__doc__
        assert re.search(rf"(`|auto\w+:: )(imagemood\.)?{name}\b", pages), f"docs/api does not mention {name}"
    assert set(imagemood.__all__) <= set(dir(imagemood))
    with pytest.raises(AttributeError, match="attribute frown"):
        _ = imagemood.frown


def test_public_functions_have_numpydoc_sections():
    for name in ("classify", "classify_many", "embed", "evaluate", "load_model", "to_dataframe", "train"):
        text = getattr(imagemood, name).__doc__
        assert "Parameters\n" in text
        assert "Returns\n" in text
        assert "Raises\n" in text


@pytest.fixture(scope="module")
def holiday(sample_photos, tmp_path_factory):
    """A folder with the files that the commands in the docs use."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "holiday").mkdir()
    (folder / "more" / "deep").mkdir(parents=True)
    for name, target in (
        ("rocket.jpg", "photo.jpg"),
        ("coffee.png", "holiday/coffee.png"),
        ("rocket.jpg", "holiday/beach.jpg"),
        ("chelsea.png", "holiday/chelsea.png"),
        ("astronaut.png", "more/deep/astronaut.png"),
    ):
        (folder / target).write_bytes((sample_photos / name).read_bytes())
    (folder / "film.mp4").write_bytes(video())
    return folder


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """A folder with the samples, which the first command in the README writes."""
    folder = tmp_path_factory.mktemp("samples")
    first, *_ = commands("README.md")
    assert first == "imagemood samples -o samples"
    run_command(first, folder)
    return folder


def commands(page):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("imagemood ")]


def run_command(line, folder):
    """Run a command line in this process, with redirected standard input as in a shell."""
    command, _, redirected = line.partition(" < ")
    stdin = (folder / redirected).read_bytes() if redirected else b""
    return run(*shlex.split(command, comments=True)[1:], stdin=stdin, cwd=folder)


@pytest.mark.parametrize(
    ("page", "n_commands"),
    [
        ("README.md", 9),
        ("docs/demonstration.md", 4),
        ("docs/deployment.md", 3),
        ("docs/photo-library.md", 6),
        ("docs/start.md", 2),
    ],
)
def test_commands_in_the_docs_run_in_order(holiday, page, n_commands, tmp_path, monkeypatch):
    folder = tmp_path / "folder"  # each page begins without the files of the others, and the README with none
    folder.mkdir() if page == "README.md" else shutil.copytree(holiday, folder)
    # With all 1,600 photos of the example, cross-validation would take minutes.
    example = TrainingSet.example().sample(80)
    monkeypatch.setattr(TrainingSet, "example", lambda: example)
    assert len(commands(page)) >= n_commands
    for line in commands(page):
        completed = run_command(line, folder)
        assert completed.returncode == 0, f"{line}\n{completed.stderr.decode()}"


_WRITES_FOLDER = re.compile(
    r"imagemood (?:train|finetune|acumos dump|tagger export) [^`\n]*-o ([\w-]+)|\.write\(\"([\w-]+)\"\)"
)


def test_the_pages_write_models_and_bundles_with_different_names():
    """Commands do not replace a model or bundle, so that a reader of two pages would meet an error."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = [
        "".join(groups)
        for page in pages
        if page.name not in ("cli.md", "models.md")  # which are no sequences of commands
        for groups in _WRITES_FOLDER.findall(page.read_text("utf-8"))
    ]
    assert len(found) >= 10
    assert sorted(found) == sorted(set(found))


EXAMPLES = re.findall(r"```console\n\$ (imagemood .+)\n((?:.+\n)+)```", README)


@pytest.mark.parametrize(("command", "shown"), [pair for pair in EXAMPLES if "$" not in pair[1]])
def test_example_outputs_in_the_readme_are_those_of_the_commands(command, shown, samples):
    """Names, moods and tags are the same; percentages may differ in the last digit between processors."""
    printed = run_command(command, samples).stdout.decode()
    percentage = r"(\d+\.?\d*)%"
    numbers = [[float(number) for number in re.findall(percentage, text)] for text in (shown, printed)]
    assert numbers[0] == pytest.approx(numbers[1], abs=1)
    words = [re.sub(rf"{percentage}|[+-][\d.]+|█", "", text).split() for text in (shown, printed)]
    assert words[0] == words[1]


def test_the_readme_shows_the_output_of_the_demo_and_of_a_classification():
    assert [command.split()[1] for command, shown in EXAMPLES if "$" not in shown] == ["demo", "classify"]


def test_readme_python_runs(samples):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=samples, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "samples/awe/alps.jpg awe" in done.stdout


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("docs/data-science.md", "the picture is missing"),
        ("docs/photo-library.md", "chelsea.png contentment"),
    ],
)
def test_python_in_the_docs_runs(holiday, page, printed):
    code = "".join(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), flags=re.DOTALL))
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=holiday, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


def test_reference_lists_commands_and_options():
    reference = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for option in (
        "--top",
        "--tags",
        "--format",
        "--model",
        "--tagger",
        "--device",
        "--index",
        "--labels",
        "--folds",
        "--seed",
    ):
        assert option in reference
    for command in ("classify", "tag", "mood", "train", "evaluate", "summary", "info", "demo", "acumos push"):
        assert f"## `imagemood {command}`" in reference


@pytest.mark.parametrize(
    "page", ["README.md", *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").rglob("*.md")))]
)
def test_relative_links_are_valid(page):
    """Files exist, and so do the headings that anchors refer to."""
    source = ROOT / page
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", source.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = source.parent / path if path else source
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page):
    """Return the anchors of the headings of a Markdown page, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
