"""Export the built-in network: `network.onnx` and `network.json`.

    python training/export_network.py --checkpoint WORK/checkpoint.pt -o src/imagemood/builtin
    python training/export_network.py --size lite1 -o FOLDER

The first command exports the output of `train_network.py`; it averages the weights of several checkpoints. The
second one exports published weights unchanged: a tagger without moods, for comparison with the trained network.
`compare_precision.py` measures the effect of storing the weights in half precision.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import published
import torch

from imagemood.finetuning.export import export
from imagemood.finetuning.network import SIZES, MoodNetwork

SHARED_NAMES = {"n02012849": "crane (bird)", "n03126707": "crane (machine)"}


def load(checkpoints: list[Path]) -> tuple[MoodNetwork, str]:
    """Return the network with the mean weights of checkpoints, and its name."""
    states = [torch.load(checkpoint, map_location="cpu", weights_only=True) for checkpoint in checkpoints]
    recipe = states[0]["recipe"]
    network = MoodNetwork(recipe["size"], len(published.MOODS), recipe["n_shared"])
    averages = [state["average"] for state in states]
    network.load_state_dict({name: torch.stack([a[name] for a in averages]).mean(0) for name in averages[0]})
    return network, f"EfficientNet-{recipe['size'].capitalize()} and moods"


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


def main(size: str, checkpoints: list[Path], folder: Path, *, half: bool) -> None:
    """Write `network.onnx` and `network.json` into `folder`."""
    if checkpoints:
        network, name = load(checkpoints)
        content, card = export(network, name, tags=tag_names(), moods=published.MOODS, half=half)
    else:
        name = f"EfficientNet-{size.capitalize()}"
        content, card = export(published.load(size), name, tags=tag_names(), half=half)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network.onnx").write_bytes(content)
    (folder / "network.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    print(f"{folder / 'network.onnx'}: {len(content) / 1e6:.2f} MB", file=sys.stderr)


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
    main(options.size, options.checkpoint, options.output, half=not options.full)
