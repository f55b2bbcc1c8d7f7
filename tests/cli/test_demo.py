from __future__ import annotations

import pytest

from imagemood.cli.demo import demo_table
from imagemood.pictures import samples
from tests.cli.commands import MOODS, run


def test_the_demo_credits_each_picture():
    completed = run("demo")
    assert (completed.returncode, completed.stderr) == (0, b"")
    text = completed.stdout.decode()
    header = text.splitlines()[0].split()
    assert header == ["picture", "mood", "probability", "strongest", "tag", "source", "licence"]
    assert len(text.splitlines()) == 1 + 3 * len(samples.all_samples())
    for sample in samples.all_samples():
        (line,) = (line for line in text.splitlines() if line.startswith(sample.title))
        assert sample.source in line
        assert sample.licence in line
    assert "Stefan van der Walt" in text


@pytest.mark.parametrize("with_sources", [True, False])
def test_the_table_has_three_moods_for_each_picture(with_sources):
    table = demo_table(with_sources=with_sources)
    cells = {column.header: list(column.cells) for column in table.columns}
    assert ("licence" in cells) is with_sources
    assert set(cells["mood"]) <= MOODS
    assert [bool(title) for title in cells["picture"]] == [True, False, False] * len(samples.all_samples())
    percentages = [float(text.rstrip("%")) for text in cells["probability"]]
    for start in range(0, len(percentages), 3):
        assert percentages[start : start + 3] == sorted(percentages[start : start + 3], reverse=True)
