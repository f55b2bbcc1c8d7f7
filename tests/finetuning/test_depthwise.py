from __future__ import annotations

import shutil

import pytest
import torch

from imagemood.finetuning import depthwise


@pytest.fixture
def compiler(monkeypatch):
    """Compile the library for one test."""
    monkeypatch.setattr(depthwise, "_library", None)
    monkeypatch.delenv("CXX", raising=False)


def gradients(image, weight, stride):
    image, weight = (part.detach().requires_grad_() for part in (image, weight))
    bias = torch.zeros(len(weight), dtype=weight.dtype, requires_grad=True)
    padding = max(weight.shape[-1] - stride, 0)
    result = depthwise.convolve(image, weight, bias, stride, (padding // 2, padding - padding // 2))
    torch.manual_seed(1)
    result.backward(torch.randn(result.shape).to(result.dtype))
    return result, image.grad, weight.grad, bias.grad


@pytest.mark.parametrize(("kernel", "stride", "n_photos", "side"), [(3, 1, 5, 14), (5, 2, 3, 28), (5, 1, 1, 7)])
def test_gradients_are_those_of_pytorch_in_single_precision(compiler, kernel, stride, n_photos, side):
    assert depthwise.compile_library() is None
    torch.manual_seed(0)
    image = torch.randn(n_photos, 48, side, side).bfloat16().contiguous(memory_format=torch.channels_last)
    weight = torch.randn(48, 1, kernel, kernel).bfloat16()
    found = gradients(image, weight, stride)
    assert "Depthwise" in type(found[0].grad_fn).__name__
    for ours, expected in zip(found, gradients(image.float(), weight.float(), stride), strict=True):
        torch.testing.assert_close(ours.float(), expected, rtol=0.02, atol=0.01 * expected.abs().max().item())


def test_without_a_compiler_the_reason_is_returned_and_pytorch_is_used(compiler, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert depthwise.compile_library() == "no C++ compiler is installed"
    image, weight = torch.randn(2, 16, 8, 8).bfloat16(), torch.randn(16, 1, 3, 3).bfloat16()
    result, *others = gradients(image, weight, 1)
    assert "Depthwise" not in type(result.grad_fn).__name__
    assert all(torch.isfinite(other.float()).all() for other in others)


@pytest.mark.parametrize(
    ("command", "reason"), [("false", "false failed: "), ("/no/such/compiler", "No such file")]
)
def test_a_compiler_that_fails_is_reported(compiler, monkeypatch, command, reason):
    monkeypatch.setenv("CXX", command)
    assert reason in depthwise.compile_library()
