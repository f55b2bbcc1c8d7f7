from __future__ import annotations

import pytest

from imagemood.cli.demo import demo_table
from imagemood.pictures import samples
from tests.cli.commands import run


def test_the_demo_credits_each_picture():
    completed = run("demo")
    assert (completed.returncode, completed.stderr) == (0, b"")
    text = completed.stdout.decode()
    header = text.splitlines()[0].split()
    assert header == ["picture", "mood", "probability", "strongest", "tag", "source", "licence"]
    assert len(text.splitlines()) == 1 + len(samples.all_samples())
    for sample in samples.all_samples():
        (line,) = (line for line in text.splitlines() if line.startswith(sample.title + " "))
        assert sample.source in line
        assert line.rstrip().endswith(sample.licence)
    assert "Stefan van der Walt" in text


@pytest.mark.parametrize("with_sources", [True, False])
def test_the_table_has_the_mood_of_each_picture(with_sources):
    table = demo_table(with_sources=with_sources)
    cells = {column.header: list(column.cells) for column in table.columns}
    assert ("licence" in cells) is with_sources
    assert cells["mood"] == [sample.mood for sample in samples.all_samples()]
    assert all(12.5 <= float(text.rstrip("%")) <= 100 for text in cells["probability"])
