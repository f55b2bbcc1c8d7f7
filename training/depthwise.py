"""Depthwise convolutions whose gradients are as fast as their answers.

On a CPU, PyTorch has fast code for the gradients of 3×3 depthwise kernels in bfloat16, and none for those of 5×5
kernels (18 times slower on one core) and of inputs at stride 2. A 5×5 kernel is four overlapping 3×3 kernels, and
single precision is fast at stride 2: together they halve the time of a training step.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def depthwise(image: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Convolve each channel with a kernel of its own.

    Parameters
    ----------
    image : Tensor of shape (n, n_channels, height, width)
        Already padded.
    weight : Tensor of shape (n_channels, 1, 3, 3) or (n_channels, 1, 5, 5)
        The kernels.
    stride : int
        1 or 2.

    Returns
    -------
    Tensor
        Without padding of its own.
    """
    if image.device.type != "cpu":
        return functional.conv2d(image, weight, stride=stride, groups=image.shape[1])
    answer: Tensor = _Depthwise.apply(image, weight, stride)
    return answer


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, weight: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(image, weight)
        ctx.stride = stride
        return functional.conv2d(image, weight, stride=stride, groups=image.shape[1])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        image, weight = ctx.saved_tensors
        stride = ctx.stride
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        of_image = of_weight = None
        if ctx.needs_input_grad[0]:
            kind = image.dtype if stride == 1 else torch.float32
            parts = (gradient.to(kind), image.to(kind), weight.to(kind))
            of_image = _gradients(*parts, stride, [True, False, False])[0].to(image.dtype)
        if ctx.needs_input_grad[1]:
            of_weight = _of_weight(gradient, image, weight, stride)
        return of_image, of_weight, None


def _of_weight(gradient: Tensor, image: Tensor, weight: Tensor, stride: int) -> Tensor:
    mask = [False, True, False]
    if weight.shape[-1] == 3:
        return _gradients(gradient, image, weight, stride, mask)[1]
    whole = torch.empty_like(weight)
    height, width = ((side - 1) * stride + 3 for side in gradient.shape[2:])
    corner = weight[:, :, :3, :3].contiguous()
    for top in (0, 2):
        for left in (0, 2):
            part = image[:, :, top : top + height, left : left + width]
            part = part.contiguous(memory_format=torch.channels_last)
            whole[:, :, top : top + 3, left : left + 3] = _gradients(gradient, part, corner, stride, mask)[1]
    return whole


def _gradients(
    gradient: Tensor, image: Tensor, weight: Tensor, stride: int, mask: list[bool]
) -> tuple[Tensor, Tensor, Tensor]:
    answer: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.convolution_backward(
        gradient, image, weight, None, [stride] * 2, [0, 0], [1, 1], False, [0, 0], image.shape[1], mask
    )
    return answer
