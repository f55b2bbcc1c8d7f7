"""Export the built-in network: `network.onnx` and `network.json`.

    python training/export_network.py --checkpoint WORK/checkpoint.pt -o src/imagemood/builtin
    python training/export_network.py --size lite1 -o FOLDER

The first command exports the output of `train_network.py`; it averages the weights of several checkpoints. The
second one exports published weights unchanged: a tagger without moods, for comparison with the trained network.
The input of the network is uint8 pictures; it normalises them itself, which rules out wrong preprocessing. Its
weights are stored in half precision and the computation is in single precision; `compare_precision.py` measures
the effect.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from network import SIZE_PX, SIZES, Convolution, MoodNetwork, normalise
from onnx import TensorProto, helper, numpy_helper
from optional_outputs import make_optional
from torch import nn

OPSET = 18
SWITCHES = {"with_tags": ["scores"], "with_moods": ["embedding", "moods", "mood_maps"]}
MOODS = ["amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness"]
SHARED_NAMES = {"n02012849": "crane (bird)", "n03126707": "crane (machine)"}


class Exported(nn.Module):
    """Returns the outputs of the network for pictures: tag probabilities, embedding, and mood logits and maps."""

    def __init__(self, network: MoodNetwork, *, with_moods: bool) -> None:
        super().__init__()
        for module in network.modules():
            if isinstance(module, Convolution):
                module.fold()
        self.network, self.with_moods = network, with_moods

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Map (n, 224, 224, 3) uint8 to scores, embedding, and the logits and maps of moods.

        Only `scores` depends on the published layers above the shared blocks, and the others do not depend on
        them.
        """
        network = self.network
        shared = network.shared(normalise(image))
        published = network.published_features(shared).mean(dim=(2, 3))
        scores = torch.softmax(network.tags(published), dim=1)
        if not self.with_moods:
            return scores, published
        features = network.mood_features(shared)
        embedding = features.mean(dim=(2, 3))
        return scores, embedding, network.moods(embedding), network.maps(features)


def load(size: str, checkpoints: list[Path]) -> tuple[Exported, str]:
    """Return the network with the mean weights of checkpoints, or with published weights, and its name."""
    if not checkpoints:
        return Exported(MoodNetwork(size), with_moods=False).eval(), f"EfficientNet-{size.capitalize()}"
    states = [torch.load(checkpoint, map_location="cpu", weights_only=True) for checkpoint in checkpoints]
    recipe = states[0]["recipe"]
    network = MoodNetwork(recipe["size"], recipe["n_shared"])
    averages = [state["average"] for state in states]
    network.load_state_dict({name: torch.stack([a[name] for a in averages]).mean(0) for name in averages[0]})
    name = f"EfficientNet-{recipe['size'].capitalize()} and moods"
    return Exported(network, with_moods=True).eval(), name


def tag_names() -> list[str]:
    """Return the unique names of the 1000 ImageNet classes, in the order of the network's outputs."""
    spec = find_spec("timm")
    assert spec is not None
    assert spec.submodule_search_locations
    info = Path(spec.submodule_search_locations[0]) / "data" / "_info"
    lemmas = dict(line.split("\t") for line in (info / "imagenet_synset_to_lemma.txt").read_text().splitlines())
    synsets = (info / "imagenet_synsets.txt").read_text().split()
    names = [SHARED_NAMES.get(synset, lemmas[synset]) for synset in synsets]
    assert len(set(names)) == 1000
    return names


def store_in_half_precision(network: onnx.ModelProto) -> None:
    """Replace each large float32 weight with float16 and a cast, which ONNX Runtime folds at load time."""
    casts = []
    for weight in network.graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < 64:
            continue
        name, values = weight.name, numpy_helper.to_array(weight)
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [weight.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *network.graph.node]
    del network.graph.node[:]
    network.graph.node.extend(nodes)


def remove_metadata(network: onnx.ModelProto) -> None:
    """Remove the stack traces of the exporter, which include local paths."""
    graph = network.graph
    for part in [*graph.node, *graph.value_info, *graph.input, *graph.output, graph, network]:
        del part.metadata_props[:]
    del graph.value_info[:]


def export(exported: Exported, name: str, folder: Path, *, half: bool = True) -> None:
    """Write `network.onnx` and `network.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "network.onnx"
    moods: dict[str, Any] = {}
    if exported.with_moods:
        moods = {"moods": "moods", "mood_maps": "mood_maps", "mood_labels": MOODS, "switches": SWITCHES}
    torch.onnx.export(
        exported,
        (torch.zeros(2, SIZE_PX, SIZE_PX, 3, dtype=torch.uint8),),
        path,
        input_names=["image"],
        output_names=["scores", "embedding", *list(moods)[:2]],
        dynamic_shapes={"image": {0: torch.export.Dim("n_images")}},
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
    )
    network = onnx.load(path)
    if half:
        store_in_half_precision(network)
    remove_metadata(network)
    if exported.with_moods:
        network = make_optional(network, SWITCHES)
    network.doc_string = f"{name}: ImageNet tag scores, embedding, moods. Apache-2.0; see NOTICE."
    onnx.checker.check_model(network, full_check=True)
    path.write_bytes(network.SerializeToString())
    card = {
        "name": name,
        "size_px": SIZE_PX,
        "mean": 0.0,
        "std": 1.0,
        "logits": False,
        "scores": "scores",
        "embedding": "embedding",
        **moods,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "labels": tag_names(),
    }
    (folder / "network.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        default=[],
        help="checkpoint of train_network.py, or several to average (default: published weights)",
    )
    parser.add_argument("--size", choices=SIZES, default="lite0", help="size of the published network")
    parser.add_argument("--full", action="store_true", help="store single precision, for compare_precision.py")
    options = parser.parse_args()
    export(*load(options.size, options.checkpoint), options.output, half=not options.full)
