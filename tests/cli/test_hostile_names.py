"""File names that are hard to write down, in every command and output."""

from __future__ import annotations

import csv
import io
import json
import os

import pyarrow.parquet as pq
import pytest

from imagemood import tables
from imagemood._text import printable
from imagemood.tables.formats.csv import FORMAT as CSV
from tests.cli.commands import run, run_process
from tests.hostile_names import NAMES, write_pictures


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with pictures in `p`, whose names are hard to write down, and one that cannot be read."""
    folder = tmp_path_factory.mktemp("hostile")
    write_pictures(folder / "p")
    (folder / "p" / os.fsdecode(b"bad\xe9\n\x1b[31m.jpg")).write_bytes(b"not a picture")
    return folder


EXPECTED = {f"p/{name}" for name in NAMES.values()}
ERROR = rb"error: p/bad\xe9\x0a\x1b[31m.jpg: "


def run_all(folder, *arguments):
    """Run a command that reports one picture, and return its output."""
    completed = run(*arguments, cwd=folder)
    (line,) = completed.stderr.splitlines()
    assert line.startswith(ERROR)
    assert completed.returncode == 1
    return completed.stdout


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_tables_show_each_picture_in_one_line(folder):
    text = run_all(folder, "classify", "p", "--top", 1).decode()
    lines = text.splitlines()
    assert len(lines) == 1 + len(NAMES)
    assert not set(text) & {"\x1b", "\r", "\u202e", "\u200b", "\u2028", "\x9b"}
    (mood,) = {line.split()[-5] for line in lines[1:]}  # all pictures are the same
    shown = {line.rpartition(f"  {mood} ")[0].rstrip() for line in lines[1:]}
    assert shown == {printable(name).rstrip() for name in EXPECTED}
    file = folder / os.fsdecode(b"t\xff.txt")
    assert run_all(folder, "classify", "p", "--top", 1, "-o", file) == b""
    assert file.read_text("utf-8") == text


def test_each_format_has_the_exact_names(folder):
    lines = run_all(folder, "classify", "p", "--format", "json").decode().splitlines()  # also splits at U+2028
    assert {json.loads(line)["image"] for line in lines} == EXPECTED
    assert {row["image"] for row in rows_of(run_all(folder, "classify", "p", "--format", "csv"))} == EXPECTED
    run_all(folder, "classify", "p", "-o", os.fsdecode(b"m\xff.parquet"))
    assert (
        set(pq.read_table(io.BytesIO((folder / os.fsdecode(b"m\xff.parquet")).read_bytes()))["image"].to_pylist())
        == EXPECTED
    )


@pytest.mark.parametrize("extension", ["csv.gz", "jsonl", "parquet"])
def test_tag_rows_are_read_back(folder, extension):
    tag_file, mood_file = folder / os.fsdecode(b"tags\xff." + extension.encode()), folder / f"moods.{extension}"
    run_all(folder, "tag", "p", "--top", 2, "-o", tag_file)
    assert set(tables.read(tag_file).images) == EXPECTED
    assert run("mood", tag_file, "-o", mood_file).returncode == 0
    assert set(tables.read(mood_file).images) == EXPECTED
    assert {image for part in tables.read_batches(mood_file) for image in part.images} == EXPECTED


def test_features_are_read_back(folder):
    for extension in ("csv", "jsonl", "parquet"):
        run_all(folder, "features", "p", "-o", f"features.{extension}")
        assert set(tables.read_features(folder / f"features.{extension}").images) == EXPECTED


def test_a_table_of_results_is_a_source_of_pictures(folder):
    (folder / "rows.csv").write_bytes(run_all(folder, "classify", "p", "--top", 1, "--format", "csv"))
    completed = run("classify", "rows.csv", "--column", "image", "--format", "csv", "--top", 1, cwd=folder)
    assert completed.stderr == b""
    assert completed.stdout == (folder / "rows.csv").read_bytes()


def test_heat_maps_have_the_names_of_the_pictures(folder):
    run_all(folder, "classify", "p", "--heatmap", os.fsdecode(b"maps\xff"))
    written = {os.fsencode(path.name) for path in (folder / os.fsdecode(b"maps\xff")).iterdir()}
    assert len(written) == len(NAMES)
    assert {b"caf\xe9.png", rb"caf\xe9.png", b"new\nline.png", b" spaces  everywhere .png"} < written


def test_a_dataset_is_resumed_searched_and_shown(folder):
    target = os.fsdecode(b"moods\xff")
    for _ in range(2):
        completed = run_process("bulk", "p", "-o", target, "--format", "json", cwd=folder)
        assert (completed.returncode, completed.stderr) == (1, b"")
        assert json.loads(completed.stdout)["n"] == len(NAMES) + 1
    completed = run("search", target, "--mood", "awe", "--top", 99, "--format", "csv", cwd=folder)
    assert {row["path"] for row in rows_of(completed.stdout)} == EXPECTED
    assert {
        row["path"]
        for row in rows_of(run_all(folder, "search", "p", "--mood", "awe", "--top", 99, "--format", "csv"))
    } == EXPECTED
    page = folder / os.fsdecode(b"page\xff.html")
    completed = run("gallery", target, "-o", page, "--top", 99, "--mood", "awe", cwd=folder)
    assert (completed.returncode, completed.stderr) == (0, b"")
    text = page.read_text("utf-8")
    assert text.count("<img ") == len(NAMES)
    assert "<b>&amp;.jpg" not in text


def test_the_summary_of_a_dataset_takes_one_line_for_each_error(folder):
    completed = run_process("bulk", "p", "-o", os.fsdecode(b"moods\xff"), cwd=folder)
    assert completed.stdout.splitlines()[-1].endswith(rb", such as p/bad\xe9\x0a\x1b[31m.jpg")


def test_formulas_are_escaped_for_spreadsheets_on_request(folder):
    arguments = ("tag", "=HYPERLINK(1).jpg", "@sum.jpg", "--top", 1)
    plain = rows_of(run(*arguments, cwd=folder / "p").stdout)
    escaped = rows_of(run(*arguments, "--escape-formulas", cwd=folder / "p").stdout)
    assert [row["image"] for row in plain] == ["=HYPERLINK(1).jpg", "@sum.jpg"]
    assert escaped == [{**row, "image": f"'{row['image']}"} for row in plain]
    table = run("mood", "-", "--escape-formulas", stdin=run(*arguments, cwd=folder / "p").stdout).stdout
    assert set(CSV.decode_tag_rows(table, "")["image"].to_list()) == {"'=HYPERLINK(1).jpg", "'@sum.jpg"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify", "p"],
        ["classify", "p", "--format", "json"],
        ["tag", "p", "--format", "parquet"],
        ["features", "p", "--format", "jsonl"],
        ["mood", "x.csv", "--format", "protobuf"],
        ["search", "p", "--mood", "awe"],
    ],
)
def test_formulas_cannot_be_escaped_in_other_formats(arguments):
    completed = run(*arguments, "--escape-formulas")
    assert completed.returncode == 2
    assert b"--escape-formulas does not apply to" in completed.stderr


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """A folder with a subfolder of pictures for each of two moods, whose names are hard to write down."""
    folder = tmp_path_factory.mktemp("labelled")
    for number, mood in enumerate((b"calm\n\x1b[31m", b"jo\xffy")):
        for copy in range(2):
            write_pictures(folder / os.fsdecode(mood) / f"{number}{copy}", at_most=3)
    return folder


def test_moods_are_named_like_their_folders(labelled, tmp_path):
    model = tmp_path / os.fsdecode(b"model\xff")
    completed = run("train", "--images", labelled, "-o", model, "--work", tmp_path / os.fsdecode(b"w\xff"))
    assert completed.returncode == 0, completed.stderr
    assert len(completed.stderr.splitlines()) == 2
    info = run("info", "--model", model)
    assert rb"moods            calm\x0a\x1b[31m, jo\xffy" in info.stdout.splitlines()
    assert json.loads(run("info", "--model", model, "--format", "json").stdout)["moods"] == [
        "calm\n\x1b[31m",
        r"jo\xffy",
    ]
    evaluation = run("evaluate", "--images", labelled, "--folds", 2)
    assert [line for line in evaluation.stdout.splitlines() if line.startswith(rb"calm\x0a\x1b[31m ")]
    summary = run("summary", 1, "--images", labelled)
    assert summary.stdout.splitlines()[::3] == [rb"calm\x0a\x1b[31m", rb"jo\xffy"]
