"""Fit the tag head of a trained network once more, to the published network's tags, while the body stands still.

    python training/refit_tags.py PHOTOS --work WORK

In training the head runs after a body that moves. Here it is fitted to the training photos and their mirror
images, as they are at prediction: not cropped, not mixed. Reads `WORK/checkpoint.pt`, writes `WORK/network.pt`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from network import MoodNetwork, normalise
from photos import read
from torch import Tensor
from torch.nn import functional

N_EPOCHS, N_BATCH, RATE, WEIGHT_DECAY = 40, 256, 1e-3, 1e-4


@torch.no_grad()
def look(network: MoodNetwork, published: MoodNetwork, pixels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Give the embeddings of photos, and the published network's logarithms of their tags' probabilities."""
    embeddings, targets = [], []
    for start in range(0, len(pixels), 32):
        image = normalise(torch.from_numpy(pixels[start : start + 32].copy())).bfloat16()
        image = image.contiguous(memory_format=torch.channels_last)
        embeddings.append(network(image).embedding)
        targets.append(published(image).tags.log_softmax(1))
    return torch.cat(embeddings), torch.cat(targets)


def same_tag(head: torch.nn.Linear, embeddings: Tensor, targets: Tensor) -> float:
    """Tell how often the strongest tag is the published network's."""
    return float((head(embeddings).argmax(1) == targets.argmax(1)).float().mean())


def main(folder: Path, work: Path) -> None:
    state = torch.load(work / "checkpoint.pt", map_location="cpu", weights_only=True)
    recipe = state["recipe"]
    network, published = (
        MoodNetwork(recipe["size"]).eval().to(memory_format=torch.channels_last) for _ in range(2)
    )
    network.load_state_dict(state["mean"])
    kept = look(network, published, read(folder, "development").pixels)
    pixels = read(folder, "training").pixels
    seen = [look(network, published, view) for view in (pixels, pixels[:, :, ::-1])]
    embeddings, targets = (torch.cat(parts) for parts in zip(*seen, strict=True))

    head = network.tags
    print(f"same tag on the development part: {same_tag(head, *kept):.3f}", flush=True)
    torch.manual_seed(recipe["seed"])
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    n_steps = N_EPOCHS * (len(embeddings) // N_BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    for _ in range(N_EPOCHS):
        for places in torch.randperm(len(embeddings)).split(N_BATCH)[: len(embeddings) // N_BATCH]:
            answer = head(embeddings[places]).log_softmax(1)
            loss = functional.kl_div(answer, targets[places], reduction="batchmean", log_target=True)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    print(f"same tag on the development part: {same_tag(head, *kept):.3f}")
    torch.save({"recipe": recipe, "mean": network.state_dict()}, work / "network.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder with a folder of photos for each mood")
    parser.add_argument("--work", type=Path, required=True, help="folder with the checkpoint")
    options = parser.parse_args()
    main(options.photos, options.work)
