from __future__ import annotations

import numpy as np
import pytest
import torch

from imagemood.errors import InputError
from imagemood.finetuning import checkpoint
from tests.finetuning.test_training import LEARNED, start


@pytest.fixture
def targets(photos):
    return torch.from_numpy(np.eye(2, dtype=np.float32)[photos[1]])


def test_a_training_resumed_from_a_file_equals_one_that_was_not_interrupted(photos, targets, tmp_path):
    training, decoded = start(photos)
    run = training.run(decoded, LEARNED, targets)
    for _ in range(3):  # in the middle of an epoch
        next(run)
    checkpoint.save(training, tmp_path / "checkpoint.npz")
    expected = list(run)
    resumed, decoded = start(photos)
    checkpoint.resume(resumed, tmp_path / "checkpoint.npz")
    assert resumed.n_steps_done == 3
    assert list(resumed.run(decoded, LEARNED, targets)) == expected
    for name, value in training.average.state_dict().items():
        assert torch.equal(resumed.average.state_dict()[name], value), name


def test_a_checkpoint_before_the_first_step_is_damaged(photos, tmp_path):
    training, _ = start(photos)
    checkpoint.save(training, tmp_path / "checkpoint.npz")
    with pytest.raises(InputError, match="damaged"):
        checkpoint.resume(training, tmp_path / "checkpoint.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04K\x01."])
def test_a_damaged_file_is_an_error(photos, tmp_path, content):
    training, _ = start(photos)
    (tmp_path / "checkpoint.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"checkpoint.npz: the checkpoint is damaged"):
        checkpoint.resume(training, tmp_path / "checkpoint.npz")


def test_objects_are_never_loaded(photos, tmp_path):
    training, _ = start(photos)
    np.savez(tmp_path / "checkpoint.npz", n_steps_done=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="damaged"):
        checkpoint.resume(training, tmp_path / "checkpoint.npz")


def test_a_folder_that_is_not_writable_is_an_error(photos, tmp_path):
    with pytest.raises(InputError, match="No such file or directory"):
        checkpoint.save(start(photos)[0], tmp_path / "absent" / "checkpoint.npz")
