from __future__ import annotations

from pathlib import Path

import pytest

from imagemood.cli import options
from imagemood.errors import InputError
from imagemood.learning.algorithms import ALGORITHMS
from imagemood.pictures.processes import decoder_process
from imagemood.tables import FORMATS
from tests.cli.commands import run, run_failing
from tests.pictures import hostile_decoder


def test_the_choices_are_those_of_the_registries():
    assert [str(name) for name in options.Algorithm] == list(ALGORITHMS)
    assert [str(name) for name in options.RowFormat] == list(FORMATS)
    assert set(options.TableFormat) == {name for name, form in FORMATS.items() if form.holds_any_table}
    assert set(options.PredictionFormat) == {"table", "json", "csv", "parquet"}
    assert set(options.SummaryFormat) == {"text", "json"}


@pytest.mark.parametrize(
    ("file", "output_format"),
    [
        (None, "table"),
        ("moods.txt", "table"),
        ("moods.csv", "csv"),
        ("moods.csv.gz", "csv"),
        ("moods.jsonl", "json"),
        ("moods.json", "json"),
        ("moods.parquet", "parquet"),
    ],
)
def test_the_format_follows_from_the_file_name(file, output_format):
    assert options.prediction_format_of(None if file is None else Path(file)) == output_format


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("moods.pb", "predictions for pictures cannot be written as protobuf (use one of .csv, "),
        (
            "moods.xlsx",
            "moods.xlsx: unknown file name extension "
            "(use one of .csv, .txt, .jsonl, .ndjson, .json, .parquet, .pq, or --format)",
        ),
    ],
)
def test_files_that_cannot_hold_predictions(file, message):
    with pytest.raises(InputError) as caught:
        options.prediction_format_of(Path(file))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "command",
    [
        ("classify", "--top", 1),
        ("tag", "--top", 1),
        ("features",),
        ("search", "--mood", "awe"),
        ("bulk", "-o", "moods"),
    ],
    ids=lambda command: command[0],
)
def test_a_decoder_that_hangs_or_crashes_loses_only_its_own_picture(command, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(decoder_process, "_PROGRAM", hostile_decoder.PROGRAM)
    names = ["chelsea.png", "hang.jpg", "rocket.jpg", "crash.jpg"]
    (tmp_path / "photos").mkdir()
    for name in names:
        path = tmp_path / "photos" / name
        path.write_bytes((photos / name).read_bytes() if (photos / name).exists() else path.stem.encode())
    completed = run(command[0], "photos", *command[1:], "--decode-timeout", 1, cwd=tmp_path)
    assert completed.returncode == 1
    out, errors = completed.stdout.decode(), completed.stderr.decode()
    if command[0] == "bulk":
        assert out.startswith("4 pictures: 2 classified, 2 failed")
        out, errors = out.partition("failed:")[2], ""
        reasons = [
            "  1  decoding took longer than 1 s, such as photos/hang.jpg",
            "  1  the decoder crashed (SIGSEGV), such as photos/crash.jpg",
        ]
        assert sorted(out.splitlines()[1:]) == reasons
    else:
        assert "chelsea" in out
        assert "rocket" in out
        assert sorted(errors.splitlines()) == [
            "error: photos/crash.jpg: the decoder crashed (SIGSEGV)",
            "error: photos/hang.jpg: decoding took longer than 1 s",
        ]


def test_a_time_limit_that_is_not_positive_is_refused():
    completed = run("classify", "a.jpg", "--decode-timeout", 0)
    assert completed.returncode == 2
    assert b"'--decode-timeout'" in completed.stderr


ANY_TABLE = ".csv, .txt, .jsonl, .ndjson, .json, .parquet, .pq"
TAG_ROWS = f"{ANY_TABLE}, .pb, .protobuf, .bin"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["classify", "a.jpg", "-o", "x.xlsx"], f"{ANY_TABLE}, or --format"),
        (["features", "a.jpg", "-o", "x.xlsx"], f"{ANY_TABLE}, or --format"),
        (["tag", "a.jpg", "-o", "x.xlsx"], f"{ANY_TABLE}, or --format"),
        (["tag", "a.jpg", "--index", "-o", "x.xlsx"], f"{TAG_ROWS}, or --format"),
        (["mood", "tags.csv", "-o", "x.xlsx"], f"{TAG_ROWS}, or --format"),
        (["mood", "x.xlsx"], f"{TAG_ROWS}, or --input-format"),
        (["mood", "tags.csv", "--features", "x.xlsx"], ANY_TABLE),
    ],
)
def test_the_error_of_an_unknown_extension_suggests_what_the_command_can_use(
    arguments, hint, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    run_failing(*arguments, code=2, message=f"x.xlsx: unknown file name extension (use one of {hint})\n")


TEXT_OR_JSON = "unknown file name extension (use .txt or .json, or --format)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["album", ".", "-o", "x.xlsx"], "an album is an HTML page (use the extension .html)"),
        (["gallery", ".", "-o", "x.xlsx"], "a gallery is an HTML page (use the extension .html)"),
        (["summary", "3", "--example", "-o", "x.xlsx"], TEXT_OR_JSON),
        (["evaluate", "--example", "-o", "x.xlsx"], TEXT_OR_JSON),
        (["compare", "--example", "-o", "x.xlsx"], TEXT_OR_JSON),
        (["reproduce", "-o", "x.xlsx"], TEXT_OR_JSON),
    ],
)
def test_text_and_pages_are_not_written_to_files_of_another_kind(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_failing(*arguments, code=2, message=f"x.xlsx: {message}\n")
    assert list(tmp_path.iterdir()) == []


def test_the_case_of_the_extension_of_a_report_does_not_matter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, start in (("A.TXT", "amusement"), ("A.JSON", "{")):
        assert run("summary", 3, "--example", "-o", name).returncode == 0
        assert (tmp_path / name).read_text().startswith(start)


@pytest.mark.parametrize(
    "arguments",
    [
        ["mood", "-", "--features", "-"],
        ["train", "--tags", "-", "--labels", "labels.csv", "--features", "-", "-o", "model"],
        ["train", "--tags", "-", "--labels", "-", "-o", "model"],
        ["evaluate", "--tags", "-", "--labels", "labels.csv", "--features", "-"],
        ["compare", "--tags", "-", "--labels", "-"],
    ],
)
def test_standard_input_is_read_only_once(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_failing(*arguments, code=2, message="-: is given for several inputs (give - only once)\n")


def test_the_format_of_a_report_can_be_given_for_any_extension(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("summary", 3, "--example", "--format", "json", "-o", "x.xlsx").returncode == 0
    assert (tmp_path / "x.xlsx").read_text().startswith("{")
