from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.evaluation.journal import Journal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.lists(st.tuples(st.dictionaries(st.text(), VALUES), st.dictionaries(st.text(), VALUES)), max_size=6)


@given(ENTRIES, st.data())
def test_what_was_finished_is_there_wherever_the_file_was_cut_off(entries, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        journal = Journal(path)
        ends = [0]
        for piece, result in entries:
            journal.put(piece, result)
            ends.append(path.stat().st_size)
        if not entries:
            assert not path.exists()
            return
        cut = data.draw(st.integers(ends[1], ends[-1]))
        path.write_bytes(path.read_bytes()[:cut])
        whole = [entry for entry, end in zip(entries, ends[1:], strict=True) if end <= cut]
        again = Journal(path)
        for piece, result in whole:
            later = [other for key, other in whole if again.get(key) == again.get(piece)]
            assert again.get(piece) in [result, *later]
        again.put({"the": "rest"}, {"done": True})
        assert Journal(path).get({"the": "rest"}) == {"done": True}
        assert len(Journal(path)) == len(again)


def test_an_empty_journal_is_still_a_journal(tmp_path):
    """It was once taken for none, and nothing was kept."""
    journal = Journal(tmp_path / "deep" / "journal.jsonl")
    assert len(journal) == 0
    journal.put({"a": 1}, {"b": 2})
    assert Journal(tmp_path / "deep" / "journal.jsonl").get({"a": 1}) == {"b": 2}
    assert journal.get({"a": 2}) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"image,tag,score\n0,cat,1\n", "line 1 is no entry of a journal"), (b"\x89PNG", "is no journal")],
)
def test_another_file_is_left_alone(tmp_path, content, message):
    path = tmp_path / "something"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        Journal(path)
    assert path.read_bytes() == content


def test_a_folder_is_no_journal(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Journal(tmp_path)
