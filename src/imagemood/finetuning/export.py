"""Exports the network to ONNX, with a card that describes it.

The input of the network is uint8 pictures; it normalises them itself, which rules out wrong preprocessing. Its
weights are stored in half precision, and the computation is in single precision.
"""

from __future__ import annotations

import copy
import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from imagemood.finetuning.network import SIZE_PX, Convolution, MoodNetwork, normalise
from imagemood.finetuning.optional_outputs import make_optional

_OPSET = 18
_MIN_HALF = 64  # weights of at least this size are stored in half precision
_SWITCHES = {"with_tags": ["scores"], "with_moods": ["embedding", "moods", "mood_maps"]}


class _Exported(nn.Module):
    """Returns the outputs of the network for pictures: tag probabilities, embedding, and mood logits and maps."""

    def __init__(self, network: MoodNetwork, *, with_moods: bool) -> None:
        super().__init__()
        self.network, self.with_moods = network, with_moods

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Map (n, 224, 224, 3) uint8 to scores, embedding, and the logits and maps of moods.

        Only `scores` depends on the layers for tags above the shared blocks, and the others do not depend on them.
        """
        network = self.network
        shared = network.shared(normalise(image))
        tag_features = network.tag_features(shared).mean(dim=(2, 3))
        scores = torch.softmax(network.tags(tag_features), dim=1)
        if not self.with_moods:
            return scores, tag_features
        features = network.mood_features(shared)
        embedding = features.mean(dim=(2, 3))
        return scores, embedding, network.moods(embedding), network.maps(features)


@torch.no_grad()
def prepared(network: MoodNetwork, *, half: bool = True) -> MoodNetwork:
    """Return a copy of a network with the weights of the file: without normalisation, and in its precision."""
    network = copy.deepcopy(network).eval()
    for module in network.modules():
        if isinstance(module, Convolution):
            module.fold()
    for parameter in network.parameters():
        if half and parameter.numel() >= _MIN_HALF:
            parameter.copy_(parameter.half())
    return network


def _remove_metadata(network: onnx.ModelProto) -> None:
    """Remove the stack traces of the exporter, which include local paths."""
    graph = network.graph
    parts: list[Any] = [*graph.node, *graph.value_info, *graph.input, *graph.output, graph, network]
    for part in parts:
        del part.metadata_props[:]
    del graph.value_info[:]


def _store_in_half_precision(network: onnx.ModelProto) -> None:
    """Replace each large float32 weight with float16 and a cast, which ONNX Runtime folds at load time."""
    casts = []
    for weight in network.graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < _MIN_HALF:
            continue
        name, values = weight.name, numpy_helper.to_array(weight)
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [weight.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *network.graph.node]
    del network.graph.node[:]
    network.graph.node.extend(nodes)


def export(
    network: MoodNetwork, name: str, *, tags: Sequence[str], moods: Sequence[str] = (), half: bool = True
) -> tuple[bytes, dict[str, Any]]:
    """Return the content of the ONNX file, and the card.

    Parameters
    ----------
    network : MoodNetwork
        The network, on the CPU.
    name : str
        Its name.
    tags : sequence of str
        Names of the tags, in the order of the scores.
    moods : sequence of str
        The moods, in the order of the logits. Without moods, only the network that predicts the tags is exported.
    half : bool
        Whether to store the weights in half precision.
    """
    with_moods = bool(moods)
    exported = _Exported(prepared(network, half=half), with_moods=with_moods).eval()
    outputs = ["scores", "embedding", *(("moods", "mood_maps") if with_moods else ())]
    with warnings.catch_warnings(action="ignore"):  # of PyTorch, about its own code
        program = torch.onnx.export(
            exported,
            (torch.zeros(2, SIZE_PX, SIZE_PX, 3, dtype=torch.uint8),),
            input_names=["image"],
            output_names=outputs,
            dynamic_shapes={"image": {0: torch.export.Dim("n_images")}},
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # noqa: S101 (for the type checker)
    model = program.model_proto
    if half:
        _store_in_half_precision(model)
    _remove_metadata(model)
    if with_moods:
        model = make_optional(model, _SWITCHES)
    model.doc_string = f"{name}: ImageNet tag scores, embedding, moods. Apache-2.0; see NOTICE."
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content, {
        "name": name,
        "size_px": SIZE_PX,
        "mean": 0.0,
        "std": 1.0,
        "logits": False,
        "scores": "scores",
        "embedding": "embedding",
        **(_mood_fields(moods) if with_moods else {}),
        "sha256": hashlib.sha256(content).hexdigest(),
        "labels": list(tags),
    }


def _mood_fields(moods: Sequence[str]) -> dict[str, Any]:
    return {"moods": "moods", "mood_maps": "mood_maps", "mood_labels": list(moods), "switches": _SWITCHES}
