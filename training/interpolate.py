"""Lay the weights of the network between those that were published and those that were learned.

    python training/interpolate.py PHOTOS --work WORK

The further the body goes from the published one, the better it tells moods, and the less it keeps its tags. On the
straight line between the two, every share of the way is a network (M. Wortsman et al., "Robust fine-tuning of
zero-shot models", CVPR 2022); what each is worth is measured on the development photos, and one is chosen. Reads
`WORK/checkpoint.pt`, writes `WORK/network.pt` and `benchmarks/results/interpolation.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from figures import figures
from network import MoodNetwork, normalise
from photos import read
from torch import Tensor

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "interpolation.json"
SHARES = (0.25, 0.3, 0.4, 0.5, 0.7, 0.85, 1.0)
CHOSEN = 0.5  # the furthest that keeps the published strongest tag among the five strongest, 19 times in 20


def between(published: dict[str, Tensor], learned: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Go a share of the way; the mood head, which nobody published, stays as learned."""
    return {
        name: weight if name.startswith("moods.") else published[name].lerp(weight, share)
        for name, weight in learned.items()
    }


@torch.no_grad()
def main(folder: Path, work: Path) -> None:
    state = torch.load(work / "checkpoint.pt", map_location="cpu", weights_only=True)
    recipe, learned = state["recipe"], state["mean"]
    network = MoodNetwork(recipe["size"], recipe["n_frozen"]).eval().to(memory_format=torch.channels_last)
    published = {name: weight.clone() for name, weight in network.state_dict().items()}
    development = read(folder, "development")
    parts = [torch.from_numpy(development.pixels[i : i + 32]) for i in range(0, len(development), 32)]
    begun = [network.begin(normalise(part).contiguous(memory_format=torch.channels_last)) for part in parts]
    published_tags = torch.cat([network.finish(part).tags for part in begun])
    rows = []
    for share in SHARES:
        network.load_state_dict(between(published, learned, share))
        answers = [network.finish(part) for part in begun]
        moods, tags = (torch.cat([getattr(answer, part) for answer in answers]) for part in ("moods", "tags"))
        rows.append({"share": share, **figures(moods, tags, published_tags, development.moods)})
        print(rows[-1], flush=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    torch.save({"recipe": recipe, "mean": between(published, learned, CHOSEN)}, work / "network.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("--work", type=Path, required=True, help="folder with the checkpoint")
    options = parser.parse_args()
    main(options.photos, options.work)
