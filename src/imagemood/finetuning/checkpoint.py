"""Checkpoints of a training: arrays without code, from which an interrupted training resumes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from imagemood._files import write_file
from imagemood.errors import InputError
from imagemood.finetuning.training import Training

_N_STEPS = "n_steps_done"


def save(training: Training, file: Path) -> None:
    """Replace the checkpoint atomically; raise `InputError` if it cannot be written."""
    content = io.BytesIO()
    arrays = {name: tensor.cpu().numpy() for name, tensor in _tensors(training)}
    np.savez(content, allow_pickle=False, **arrays, **{_N_STEPS: np.array(training.n_steps_done)})
    write_file(file, content.getvalue())


@torch.no_grad()
def resume(training: Training, file: Path) -> None:
    """Restore a training from its checkpoint; raise `InputError` if the file is damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = {name: torch.from_numpy(stored[name]) for name in stored.files}
        training.start_at(int(arrays.pop(_N_STEPS)))
        _create_optimizer_state(training)
        tensors = dict(_tensors(training))
        if tensors.keys() != arrays.keys():
            raise ValueError("other parameters")
        for name, tensor in tensors.items():
            tensor.copy_(arrays[name])
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile) as error:
        raise InputError(
            "the checkpoint is damaged", where=str(file), hint="remove the folder, and start again"
        ) from error


def _tensors(training: Training) -> Iterator[tuple[str, Tensor]]:
    """Yield everything that a step changes, by name."""
    averages = dict(training.average.named_parameters())
    for name, parameter in training.network.named_parameters():
        if parameter.requires_grad:
            yield f"network.{name}", parameter.detach()
            yield f"average.{name}", averages[name]
            for key, value in training.optimizer.state[parameter].items():
                yield f"optimizer.{name}.{key}", value


def _create_optimizer_state(training: Training) -> None:
    """Create the tensors that the first step of AdamW creates."""
    for parameter in training.network.parameters():
        if parameter.requires_grad:
            training.optimizer.state[parameter] = {
                "step": torch.zeros((), device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
