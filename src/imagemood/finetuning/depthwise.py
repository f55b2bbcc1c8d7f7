"""Depthwise convolutions whose gradients are fast on the CPU in bfloat16.

The gradients of PyTorch 2.13 take most of the time of a training step. Those of `depthwise.cpp` are about ten
times faster, once `compile_library` has compiled it. Otherwise, and on other devices, PyTorch's own are used.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from imagemood.errors import first_line

_LANES, _KERNELS = 16, (3, 5)
_COMPILERS = ("c++", "g++", "clang++")
_OPTIONS = ("-O3", "-march=native", "-std=c++17", "-shared", "-fPIC")
_MAX_COMPILATION_S = 120
_library: Any = None


def compile_library() -> str | None:
    """Compile `depthwise.cpp`, and use it from now on in this process; return why this is impossible, or None."""
    global _library  # noqa: PLW0603 (a library is loaded into the process)
    if _library is not None:
        return None
    compiler = os.environ.get("CXX") or next(filter(shutil.which, _COMPILERS), None)
    if compiler is None:
        return "no C++ compiler is installed"
    source = Path(__file__).with_suffix(".cpp")
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            output = Path(folder, "depthwise.so")
            command = [*compiler.split(), *_OPTIONS, str(source), "-o", str(output)]
            subprocess.run(command, check=True, capture_output=True, timeout=_MAX_COMPILATION_S)  # noqa: S603
            _library = ctypes.CDLL(str(output)).depthwise_gradients
    except subprocess.CalledProcessError as error:
        return f"{compiler} failed: {first_line(RuntimeError(error.stderr.decode(errors='replace')))}"
    except (OSError, subprocess.SubprocessError, AttributeError) as error:
        return first_line(error)
    _library.argtypes, _library.restype = [ctypes.c_void_p] * 5 + [ctypes.c_int64] * 9, None
    return None


def convolve(image: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: tuple[int, int]) -> Tensor:
    """Convolve each channel (n, channels, height, width) with its filter (channels, 1, k, k), after padding."""
    is_fast = image.device.type == "cpu" and image.dtype == torch.bfloat16 and image.shape[1] % _LANES == 0
    is_fast = is_fast and weight.shape[-1] in _KERNELS and _library is not None
    if is_fast and torch.is_grad_enabled() and image.requires_grad:
        apply: Any = _Depthwise.apply  # has annotations in some versions of PyTorch only
        result: Tensor = apply(image, weight, bias, stride, padding)
        return result
    return _convolve(image, weight, bias, stride, *padding)


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
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        image, weight = ctx.saved_tensors
        image_gradient, weight_gradient = _gradients(
            image.permute(0, 2, 3, 1).contiguous(),
            gradient.permute(0, 2, 3, 1).contiguous(),
            weight[:, 0].permute(1, 2, 0).float().contiguous(),
            ctx.stride,
            ctx.before,
        )
        weight_gradient = weight_gradient.permute(2, 0, 1)[:, None].to(weight.dtype)
        return image_gradient.permute(0, 3, 1, 2), weight_gradient, gradient.sum((0, 2, 3)), None, None


def _gradients(image: Tensor, gradient: Tensor, weight: Tensor, stride: int, before: int) -> tuple[Tensor, Tensor]:
    """Return the gradients of the image (n, height, width, channels) and of the weight (k, k, channels)."""
    n, n_threads = len(image), torch.get_num_threads()
    starts = [n * i // n_threads for i in range(n_threads + 1)]
    image_gradient, weight_gradients = torch.empty_like(image), weight.new_zeros((n_threads, *weight.shape))
    sizes = (*image.shape[1:], *gradient.shape[1:3], stride, before)

    def run(i: int) -> None:
        start, end = starts[i : i + 2]
        arrays = (image[start:], gradient[start:], weight, image_gradient[start:], weight_gradients[i])
        _library(*(array.data_ptr() for array in arrays), len(weight), end - start, *sizes)

    list(_pool(n_threads).map(run, range(n_threads)))
    return image_gradient, weight_gradients.sum(dim=0)  # in a fixed order, so that results are reproducible


@cache
def _pool(n_threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads, thread_name_prefix="depthwise")
