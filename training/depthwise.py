"""Depthwise convolutions whose gradients are fast on the CPU in bfloat16.

The gradients of PyTorch 2.13 take most of the time of a training step. Those of `depthwise.cpp`, which is compiled
on first use, are about ten times faster. Elsewhere, and without a C++ compiler, PyTorch's own are used.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils import cpp_extension

LANES = 16


def convolve(image: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: tuple[int, int]) -> Tensor:
    """Convolve each channel (n, channels, height, width) with its filter (channels, 1, k, k), after padding."""
    before, after = padding
    is_fast = image.device.type == "cpu" and image.dtype == torch.bfloat16 and image.shape[1] % LANES == 0
    if is_fast and torch.is_grad_enabled() and image.requires_grad and _extension() is not None:
        return _Depthwise.apply(image, weight, bias, stride, padding)
    return _convolve(image, weight, bias, stride, before, after)


def _convolve(image: Tensor, weight: Tensor, bias: Tensor, stride: int, before: int, after: int) -> Tensor:
    if before != after:
        image, before = functional.pad(image, (before, after, before, after)), 0
    return functional.conv2d(image, weight, bias, stride, before, groups=weight.shape[0])


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, image: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(image, weight)
        ctx.stride, ctx.before = stride, padding[0]
        return _convolve(image, weight, bias, stride, *padding)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        image, weight = ctx.saved_tensors
        gradient = gradient.permute(0, 2, 3, 1).contiguous()
        extension = _extension()
        assert extension is not None
        image_gradient, weight_gradient = extension.depthwise_gradients(
            image.permute(0, 2, 3, 1).contiguous(),
            gradient,
            weight[:, 0].permute(1, 2, 0).float().contiguous(),
            ctx.stride,
            ctx.before,
        )
        weight_gradient = weight_gradient.permute(2, 0, 1)[:, None].to(weight.dtype)
        return image_gradient.permute(0, 3, 1, 2), weight_gradient, gradient.sum((0, 1, 2)), None, None


@functools.cache
def _extension() -> Any:
    try:
        return cpp_extension.load(
            "depthwise", [str(Path(__file__).with_suffix(".cpp"))], extra_cflags=["-O3", "-march=native"]
        )
    except (OSError, RuntimeError) as error:
        print(f"depthwise.cpp was not compiled: {error}", file=sys.stderr)
        return None
