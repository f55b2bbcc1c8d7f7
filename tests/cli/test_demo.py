from __future__ import annotations

from rich.console import Console

from imagemood.cli.demo import demo_table
from imagemood.pictures import samples
from tests.cli.commands import run


def test_the_demo_names_each_picture_and_the_command_that_writes_them():
    completed = run("demo")
    assert completed.returncode == 0
    assert completed.stderr.startswith(b"imagemood samples -o samples writes these pictures")
    header, *lines = completed.stdout.decode().splitlines()
    assert header.split() == ["picture", "mood", "probability"]
    found = samples.all_samples()
    assert len(lines) == len(found)
    assert all(line.startswith(f"{sample.title} ") for line, sample in zip(lines, found, strict=True))


def test_the_table_has_the_mood_of_each_picture():
    cells = {column.header: list(column.cells) for column in demo_table().columns}
    assert cells["mood"] == [sample.mood for sample in samples.all_samples()]
    assert all(12.5 <= float(text.rstrip("%")) <= 100 for text in cells["probability"])


def test_no_line_is_wrapped_in_a_terminal_of_80_columns():
    console = Console(width=80, force_terminal=True, record=True, quiet=False)
    with console.capture() as capture:
        console.print(demo_table())
    assert len(capture.get().splitlines()) == 1 + len(samples.all_samples())
