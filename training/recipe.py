"""What a network is trained with."""

from __future__ import annotations

from dataclasses import dataclass, field

from photos import Changes


@dataclass(frozen=True)
class Recipe:
    """What a network is trained with; the defaults are the shipped network's.

    Attributes
    ----------
    size : str
        Which published network: `network.SIZES`.
    sizes_px : tuple of int
        Side of the photos in each epoch: small ones first, which take less time.
    n_batch : int
        Photos in a step.
    rate, head_rate : float
        Learning rates at the end of the body and of the mood head; AdamW, half an epoch of warm-up, then a cosine.
    decay : float
        Each block learns so much more slowly than the one after it.
    weight_decay : float
        AdamW's.
    n_frozen : int
        So many of the first blocks learn nothing.
    drop_rate : float
        Stochastic depth of the last block.
    softness : float
        Weight of the soft targets against the labels; without soft targets, label smoothing.
    mixed : float
        Share of the steps whose photos are mixed in pairs (mixup, Beta(0.4, 0.4)).
    distillation : float
        Weight of the divergence from the published network's tags on the same photos.
    mean_decay : float
        Of the moving average of the weights, which is what is kept.
    changes : Changes
        What is changed of the photos.
    seed : int
        Of all that is random.
    """

    size: str = "lite0"
    sizes_px: tuple[int, ...] = (192,) * 2 + (224,) * 3
    n_batch: int = 32
    rate: float = 4e-4
    head_rate: float = 2e-3
    decay: float = 0.9
    weight_decay: float = 0.02
    n_frozen: int = 11
    drop_rate: float = 0.1
    softness: float = 0.3
    mixed: float = 0.0
    distillation: float = 1.0
    mean_decay: float = 0.998
    changes: Changes = field(default_factory=Changes)
    seed: int = 0
