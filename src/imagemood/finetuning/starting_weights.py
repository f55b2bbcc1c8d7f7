"""Reads the built-in network, from which fine-tuning starts, into PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from imagemood import builtin
from imagemood.errors import InputError, ModelError
from imagemood.finetuning.network import SIZES, Convolution, MoodNetwork, block_shapes

_HALF = "_half"  # ends the names of weights that are stored in half precision
_PREFIX = "network."


class Start(StrEnum):
    """The weights from which the mood body starts."""

    moods = "moods"
    tags = "tags"

    @classmethod
    def of(cls, name: str) -> Start:
        """Return the member of a name; raise `InputError` if there is none."""
        if name not in cls.__members__:
            raise InputError(f"unknown starting weights '{name}'", hint=f"use {' or '.join(cls.__members__)}")
        return cls(name)


def load_network(n_moods: int, start: Start, *, drop_rate: float = 0.0, file: Path | None = None) -> MoodNetwork:
    """Return the built-in network with a new mood head.

    Parameters
    ----------
    n_moods : int
        Number of moods of the new head.
    start : Start
        With ``moods``, the mood body is the built-in one, which was trained on moods. With ``tags``, it is a copy
        of the layers that predict the tags, with their published weights.
    drop_rate : float
        As for `MoodNetwork`.
    file : Path, optional
        Another network that was exported by `imagemood.finetuning.export`.

    Raises
    ------
    ModelError
        If the network has other layers.
    """
    file = builtin.path("network.onnx") if file is None else file
    weights = dict(_read_weights(file))
    n_blocks, n_mood_blocks = (_count_blocks(weights, name) for name in ("blocks", "mood_blocks"))
    size = next((size for size in SIZES if _matches(size, n_blocks, weights)), None)
    if size is None or not n_mood_blocks:
        raise ModelError("this network cannot be fine-tuned", where=str(file))
    network = MoodNetwork(size, n_moods, n_blocks - n_mood_blocks, drop_rate)
    layers = network.state_dict()
    chosen = {name: weight for name, weight in weights.items() if not name.startswith("moods.")}
    needed = {name for name in layers if name.endswith((".weight", ".bias")) and not name.startswith("moods.")}
    if chosen.keys() != needed or any(layers[name].shape != weight.shape for name, weight in chosen.items()):
        raise ModelError("this network cannot be fine-tuned", where=str(file))
    network.load_state_dict(chosen, strict=False)
    if start is Start.tags:
        network.copy_tag_body()
    for part in (*network.mood_blocks, network.mood_last):
        for layer in part.modules():
            if isinstance(layer, Convolution):
                layer.normalise()
    return network


def _read_weights(file: Path) -> Iterator[tuple[str, Tensor]]:
    """Yield the names and values of the weights, in single precision."""
    graphs = [onnx.load(file).graph]
    graphs += [attribute.g for node in graphs[0].node if node.op_type == "If" for attribute in node.attribute]
    for graph in graphs:
        for weight in graph.initializer:
            _, prefix, name = weight.name.rpartition(_PREFIX)
            if prefix:
                yield name.removesuffix(_HALF), torch.from_numpy(numpy_helper.to_array(weight).copy()).float()


def _count_blocks(weights: dict[str, Tensor], name: str) -> int:
    numbers = [int(match[1]) for key in weights if (match := re.match(rf"{name}\.(\d+)\.", key))]
    return max(numbers, default=-1) + 1


def _matches(size: str, n_blocks: int, weights: dict[str, Tensor]) -> bool:
    shapes = list(block_shapes(size))
    last = weights.get(f"blocks.{n_blocks - 1}.project.weight")
    return len(shapes) == n_blocks and last is not None and len(last) == shapes[-1].n_out
