"""How well a network tells moods, and how well it keeps its tags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch import Tensor


def figures(moods: Tensor, tags: Tensor, published_tags: Tensor, truth: NDArray[np.intp]) -> dict[str, float]:
    """Judge logits of moods (n, 8) by the labels, and logits of tags (n, 1000) by the published network's."""
    guess, five = moods.argmax(1).numpy(), tags.topk(5).indices
    top = published_tags.argmax(1, keepdim=True)
    return {
        "accuracy": float(np.mean(guess == truth)),
        "macro_f1": float(f1_score(truth, guess, average="macro")),
        "same_tag": (five[:, :1] == top).float().mean().item(),
        "tag_in_five": (five == top).any(1).float().mean().item(),
    }
