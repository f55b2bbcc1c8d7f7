"""The hyperparameters of fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagemood.finetuning.augmentation import PhotoAugmentation


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters; the defaults are those of the built-in network.

    Attributes
    ----------
    sizes_px : tuple of int
        Side of the photos in each epoch, and from the beginning again after the last one.
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
    label_smoothing : float
        Weight of the uniform distribution relative to the labels.
    mixup_share : float
        Share of the steps that use manifold mixup (V. Verma et al., ICML 2019) after the frozen blocks, with
        Beta(0.4, 0.4).
    ema_decay : float
        Decay of the exponential moving average of the weights, which is the final network.
    augmentation : PhotoAugmentation
        Changes of the photos in each epoch.
    seed : int
        Seed of all random numbers.
    """

    sizes_px: tuple[int, ...] = (160, 192) * 5
    n_epochs: int = 10
    n_batch: int = 64
    rate: float = 4e-4
    head_rate: float = 2e-3
    layer_decay: float = 0.85
    weight_decay: float = 0.03
    drop_rate: float = 0.1
    dropout: float = 0.2
    label_smoothing: float = 0.1
    mixup_share: float = 0.5
    ema_decay: float = 0.998
    augmentation: PhotoAugmentation = field(default_factory=PhotoAugmentation)
    seed: int = 0
