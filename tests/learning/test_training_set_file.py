from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import InputError
from imagemood.learning.training_set_file import read_training_set, write_training_set


@pytest.mark.parametrize("inputs", [["tags"], ["embedding"], ["tags", "embedding", "visual"]])
def test_a_training_set_is_read_as_it_was_written(with_visual, tmp_path, inputs):
    written = with_visual.select(inputs)
    write_training_set(written, tmp_path / "set.npz", source="photos")
    read = read_training_set(tmp_path / "set.npz", source="photos")
    assert read.moods == written.moods
    assert (read.vocabulary, read.visual_names) == (written.vocabulary, written.visual_names)
    assert list(read.inputs) == inputs
    for name, array in read.inputs.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, written.inputs[name])
    assert read.fingerprint() == written.fingerprint()


def test_another_source_is_not_read(training_set, tmp_path):
    write_training_set(training_set, tmp_path / "set.npz", source="photos")
    assert read_training_set(tmp_path / "set.npz", source="other photos") is None


def test_a_missing_file(tmp_path):
    assert read_training_set(tmp_path / "set.npz", source="photos") is None


def test_an_older_file_is_replaced(training_set, tmp_path):
    write_training_set(training_set, tmp_path / "set.npz", source="old")
    write_training_set(training_set.take(range(9)), tmp_path / "set.npz", source="new")
    assert len(read_training_set(tmp_path / "set.npz", source="new").moods) == 9
    assert [path.name for path in tmp_path.iterdir()] == ["set.npz"]


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 truncated", b"\x93NUMPY"])
def test_another_file_is_rejected(tmp_path, content):
    (tmp_path / "set.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"set.npz: not a stored training set .remove the file"):
        read_training_set(tmp_path / "set.npz", source="photos")


def test_a_truncated_file_is_rejected(training_set, tmp_path):
    write_training_set(training_set, tmp_path / "set.npz", source="photos")
    content = (tmp_path / "set.npz").read_bytes()
    (tmp_path / "set.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="not a stored training set"):
        read_training_set(tmp_path / "set.npz", source="photos")


def test_other_arrays_are_rejected(tmp_path):
    np.savez(tmp_path / "set.npz", weights=np.ones(3))
    with pytest.raises(InputError, match="not a stored training set"):
        read_training_set(tmp_path / "set.npz", source="photos")


def test_pickled_objects_are_not_loaded(tmp_path):
    np.savez(tmp_path / "set.npz", source=np.array("photos"), moods=np.array([print], dtype=object))
    with pytest.raises(InputError, match="not a stored training set"):
        read_training_set(tmp_path / "set.npz", source="photos")
