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
    n_shared : int
        So many of the first blocks serve tags and moods alike, and learn nothing.
    sizes_px : tuple of int
        Side of the photos in each of the views that are learned from.
    n_epochs : int
        How often all photos are learned from, each time in one of their views.
    n_batch : int
        Photos in a step.
    rate, head_rate : float
        Learning rates of the last block and of the mood head; AdamW, half an epoch of warm-up, then a cosine.
    decay : float
        Each block learns so much more slowly than the one after it.
    weight_decay : float
        AdamW's.
    drop_rate : float
        Stochastic depth of the last block.
    dropout : float
        Share of the features that the mood head must do without.
    softness : float
        Weight of the soft targets against the labels; without soft targets, label smoothing.
    mixed : float
        Share of the steps whose photos are mixed in pairs, after the blocks that do not learn (manifold mixup,
        V. Verma et al., ICML 2019; Beta(0.4, 0.4)).
    mean_decay : float
        Of the moving average of the weights, which is what is kept.
    changes : Changes
        What is changed of the photos from view to view.
    seed : int
        Of all that is random.
    """

    size: str = "lite0"
    n_shared: int = 15
    sizes_px: tuple[int, ...] = (224, 224, 192, 224, 224, 192, 224, 224, 224, 192)
    n_epochs: int = 10
    n_batch: int = 64
    rate: float = 6e-4
    head_rate: float = 2e-3
    decay: float = 0.9
    weight_decay: float = 0.02
    drop_rate: float = 0.1
    dropout: float = 0.2
    softness: float = 0.3
    mixed: float = 0.5
    mean_decay: float = 0.998
    changes: Changes = field(default_factory=Changes)
    seed: int = 0
