from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.table import Table

from imagemood.cli import output
from imagemood.cli.option_groups import ReportOutput
from imagemood.errors import InputError


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_messages_go_to_standard_error(capsys):
    output.report_error(InputError("not a directory", where="a.jpg", hint="give a folder"))
    output.warn("2 rows skipped")
    output.report_interrupt()
    output.report_interrupt("run the same command again to resume")
    output.inform("m: trained\n\x1b[31m")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "error: a.jpg: not a directory (give a folder)",
        "warning: 2 rows skipped",
        "interrupted",
        "interrupted (run the same command again to resume)",
        r"m: trained\x0a\x1b[31m",
    ]


def test_content_is_written_to_standard_output_or_a_file(capfdbinary, tmp_path):
    output.emit("größe\n", None)
    output.emit(b"\x00\xff", None)
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == "größe\n".encode() + b"\x00\xff"
    output.emit("größe\n", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == "größe\n".encode()
    with pytest.raises(InputError, match="cannot be written"):
        output.emit("x", tmp_path / "absent" / "a.txt")


def test_json_documents_are_indented(tmp_path):
    value = {"ü": [1, None], "b": {"c": 0.5}}
    output.emit_json(value, tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text("utf-8")
    assert json.loads(text) == value
    assert text.splitlines()[1] == '  "ü": ['
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("output_format", "file", "expected"),
    [
        ("json", None, True),
        ("json", "a.txt", True),
        ("text", "a.json", False),
        ("text", None, False),
        (None, "a.json", True),
        (None, "A.JSON", True),
        (None, "a.txt", False),
        (None, None, False),
    ],
)
def test_the_option_takes_precedence_over_the_file_name(output_format, file, expected):
    target = ReportOutput(output_format=output_format, file=None if file is None else Path(file))
    assert target.is_json is expected


@pytest.fixture
def table():
    table = output.new_table()
    table.add_column("name", style="cyan", overflow="fold")
    table.add_row("a" * 150)
    return table


def test_tables_in_a_pipe_are_plain_and_not_wrapped(table, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert output.render(table) == f"name\n{'a' * 150}\n"


def test_tables_on_a_terminal_are_wrapped(table, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = output.render(table)
    assert "\x1b[" in text
    assert re.sub(r"\x1b\[[0-9;]*m", "", text).split() == ["name", "a" * 80, "a" * 70]


@pytest.mark.parametrize(
    "text",
    ["[red]a[/red].jpg", ":smile: [b", "a\\", "\\[b]", "[link=https://example.org]x[/link]", "https://a.b/c"],
)
def test_cells_show_text_as_it_is(text):
    table = Table(box=None)
    table.add_row(output.cell(text))
    assert output.render(table).strip() == text


def test_control_characters_in_cells_are_escaped():
    table = Table(box=None)
    table.add_row(output.cell("a\nb\x1b[31m\u202e"))
    assert output.render(table).strip() == r"a\x0ab\x1b[31m\xe2\x80\xae"


def test_columns_are_aligned_after_wide_characters():
    table = output.new_table()
    table.add_column("name")
    table.add_column("mood", no_wrap=True)
    names = ["a.jpg", "日本語.jpg", "👩🏽\u200d🚀.jpg", "e\u0301.jpg", "x" * 3000]
    for name in names:
        table.add_row(output.cell(name), "awe")
    lines = output.render(table).splitlines()[1:]
    assert [cell_len(line) for line in lines] == [3005] * len(names)
    assert all(line.startswith(name) and line.endswith(" awe") for name, line in zip(names, lines, strict=True))


def test_tables_in_files_are_plain(table, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert output.render(table, Path("moods.txt")) == f"name\n{'a' * 150}\n"


def test_colours_can_be_turned_off(table, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[36m" not in output.render(table)


@pytest.mark.parametrize(("columns", "has_bars"), [("1", False), ("20", False), ("21", True), ("80", True)])
def test_terminals_into_which_the_table_does_not_fit_show_no_bars(monkeypatch, columns, has_bars):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    table = output.new_table()
    for name in ("image", "mood", output.BAR):
        table.add_column(name, no_wrap=True)
    table.add_row("a.jpg", "contentment", "█")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", output.render(table)).splitlines()
    assert [line.split() for line in lines] == [["image", "mood"], ["a.jpg", "contentment", *"█" * has_bars]]


@pytest.mark.parametrize("columns", ["1", "2", "7"])
def test_narrow_terminals(table, monkeypatch, columns):
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "dumb")
    assert output.render(table).count("a") == 151  # with that of the title


@pytest.mark.parametrize(
    ("probability", "cells"),
    [
        (0, ("0.0%", "")),
        (0.024, ("2.4%", "")),
        (0.026, ("2.6%", "█")),
        (0.5, ("50.0%", "█" * 10)),
        (1, ("100.0%", "█" * 20)),
    ],
)
def test_probabilities_as_text_and_as_bars(probability, cells):
    assert output.probability_cells(probability) == cells


def test_no_progress_in_a_pipe(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with output.progress("Classifying", unit="pictures") as progress:
        progress(1, 2)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("unit", "count"), [("pictures", "1,200 of 2,400 pictures"), (None, "")])
def test_progress_on_a_terminal(monkeypatch, unit, count):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "120")
    with output.progress("Classifying", unit=unit) as progress:
        progress(1200, 2400)
    shown = stream.getvalue()
    assert "Classifying" in shown
    assert "50%" in shown
    assert count in shown
    assert ("pictures" in shown) is (unit is not None)


def test_messages_do_not_show_passwords(capsys):
    output.inform("pushed to https://me:secret@example.org/models")
    assert capsys.readouterr().err == "pushed to https://***@example.org/models\n"
