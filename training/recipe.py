"""Hyperparameters for training the network."""

from __future__ import annotations

from dataclasses import dataclass, field

from photos import PhotoAugmentation


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters; the defaults are those of the built-in network.

    Attributes
    ----------
    size : str
        Published network to start from: one of `network.SIZES`.
    n_shared : int
        Number of blocks at the beginning that tags and moods share, and that stay frozen.
    trained_on : str
        Photos to train on: "split" for the training part of `split.SPLIT`, the number of a fold for all photos but
        those of the fold, "none" for all photos.
    sizes_px : tuple of int
        Side of the photos in each augmented view; each epoch uses another view, and the first one after the last.
    n_epochs : int
        Number of passes over the photos.
    n_batch : int
        Photos per step.
    rate, head_rate : float
        Learning rates of the last block and of the mood head (AdamW, half an epoch of warm-up, cosine decay).
    layer_decay : float
        Ratio of the learning rates of a block and of the block after it.
    weight_decay : float
        Weight decay of AdamW.
    drop_rate : float
        Stochastic depth: probability of skipping the last block.
    dropout : float
        Dropout before the mood head.
    soft_target_weight : float
        Weight of the soft targets relative to the labels.
    label_smoothing : float
        Weight of the uniform distribution relative to the other targets.
    mixup_share : float
        Share of the steps that use manifold mixup (V. Verma et al., ICML 2019) after the frozen blocks, with
        Beta(0.4, 0.4).
    ema_decay : float
        Decay of the exponential moving average of the weights, which is the final network.
    augmentation : PhotoAugmentation
        Changes of the photos in each view.
    seed : int
        Seed of all random numbers of a training; the views have their own.
    """

    size: str = "lite0"
    n_shared: int = 5
    trained_on: str = "split"
    sizes_px: tuple[int, ...] = (224, 192) * 5
    n_epochs: int = 10
    n_batch: int = 64
    rate: float = 4e-4
    head_rate: float = 2e-3
    layer_decay: float = 0.85
    weight_decay: float = 0.03
    drop_rate: float = 0.1
    dropout: float = 0.2
    soft_target_weight: float = 0.5
    label_smoothing: float = 0.05
    mixup_share: float = 0.5
    ema_decay: float = 0.998
    augmentation: PhotoAugmentation = field(default_factory=PhotoAugmentation)
    seed: int = 0
