from __future__ import annotations

import errno
import os
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
def test_finished_tasks_are_kept_wherever_the_file_is_truncated(entries, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        journal = Journal(path)
        ends = [0]
        for key, result in entries:
            journal.put(key, result)
            ends.append(path.stat().st_size)
        if not entries:
            assert not path.exists()
            return
        cut = data.draw(st.integers(ends[1], ends[-1]))
        path.write_bytes(path.read_bytes()[:cut])
        whole = [entry for entry, end in zip(entries, ends[1:], strict=True) if end <= cut]
        again = Journal(path)
        for key, result in whole:
            later = [value for other, value in whole if again[other] == again[key]]
            assert again[key] in [result, *later]
        again.put({"the": "rest"}, {"done": True})
        assert Journal(path)[{"the": "rest"}] == {"done": True}
        assert len(Journal(path)) == len(again)


def test_an_empty_journal_is_still_a_journal(tmp_path):
    """An empty journal is falsy; it must not be replaced by one without a file."""
    journal = Journal(tmp_path / "deep" / "journal.jsonl")
    assert len(journal) == 0
    journal.put({"a": 1}, {"b": 2})
    assert Journal(tmp_path / "deep" / "journal.jsonl")[{"a": 1}] == {"b": 2}
    assert {"a": 2} not in journal


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"image,tag,score\n0,cat,1\n", "line 1 is not an entry of a journal"), (b"\x89PNG", "not a journal")],
)
def test_another_file_is_not_changed(tmp_path, content, message):
    path = tmp_path / "something"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        Journal(path)
    assert path.read_bytes() == content


def test_a_folder_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Journal(tmp_path)


def test_keys_are_equal_if_their_json_is_equal():
    journal = Journal()
    journal.put({"inputs": ("tags",), "fold": (5, 0, 1)}, {"accuracy": 0.5})
    assert {"fold": [5, 0, 1], "inputs": ["tags"]} in journal
    assert {"fold": [5, 0, 2], "inputs": ["tags"]} not in journal
    with pytest.raises(KeyError):
        _ = journal[{"fold": [5, 0, 2]}]


def test_results_are_copies():
    journal = Journal()
    journal.put({"a": 1}, {"b": 2})
    journal[{"a": 1}].clear()
    assert journal[{"a": 1}] == {"b": 2}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_numbers_are_read_as_they_were_written(values):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        Journal(path).put({"a": 1}, {"probabilities": values})
        assert Journal(path)[{"a": 1}]["probabilities"] == values


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        Journal(tmp_path / "file" / "journal.jsonl").put({"a": 1}, {"b": 2})


def test_a_failed_write_leaves_no_incomplete_line(tmp_path, monkeypatch):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.put({"a": 1}, {"b": 2})
    before = path.read_bytes()

    def fail(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(InputError, match="journal.jsonl: cannot be written: No space left on device"):
            journal.put({"a": 2}, {"b": 3})
    assert path.read_bytes() == before
    journal.put({"a": 3}, {"b": 4})
    assert Journal(path)[{"a": 3}] == {"b": 4}
    assert {"a": 2} not in Journal(path)
