from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from imagemood.finetuning.network import SIZES, Block, BlockShape, Convolution, MoodNetwork


@pytest.fixture
def convolution():
    torch.manual_seed(0)
    layer = Convolution(6, 8, kernel=3, stride=2)
    for name, value in (*layer.named_parameters(), *layer.named_buffers()):
        torch.nn.init.uniform_(value, 0.5, 2.0) if name in ("scale", "deviation") else torch.nn.init.normal_(value)
    layer.weight.data[3] = 0  # an unused channel
    return layer


def test_a_convolution_is_one_of_pytorch_with_batch_normalisation_and_the_padding_of_tensorflow(convolution):
    image = torch.rand(2, 6, 8, 8)
    padded = functional.pad(image, (0, 1, 0, 1))
    expected = functional.batch_norm(
        functional.conv2d(padded, convolution.weight, stride=2),
        convolution.mean,
        convolution.deviation**2,
        convolution.scale,
        convolution.bias,
        eps=0,
    )
    torch.testing.assert_close(convolution(image), expected)


@pytest.mark.parametrize("change", [Convolution.fold, Convolution.normalise])
def test_folding_and_normalising_change_no_result(convolution, change):
    image = torch.rand(2, 6, 9, 9)
    before = convolution(image)
    change(convolution)
    torch.testing.assert_close(convolution(image), before)


def test_normalised_weights_have_magnitudes_near_one(convolution):
    convolution.weight.data *= torch.logspace(-2, 2, 8)[:, None, None, None]
    convolution.normalise()
    magnitudes = convolution.weight.square().sum(dim=(1, 2, 3)).sqrt()
    assert magnitudes[3] == 0
    others = magnitudes[magnitudes > 0]
    assert ((others > 0.7) & (others < 1.5)).all()


def test_stochastic_depth_skips_a_block_for_some_photos_and_keeps_the_mean():
    block = Block(BlockShape(n_in=8, n_out=8, expansion=6, kernel=3, stride=1))
    block.project.bias.data += 1  # the inner result is 1, the others 0
    image = torch.zeros(4000, 8, 2, 2)
    torch.manual_seed(0)
    result = block.train()(image, drop_rate=0.25)[:, 0, 0, 0]
    assert sorted(set(result.tolist())) == [0, pytest.approx(4 / 3)]
    assert result.mean().item() == pytest.approx(1, abs=0.05)
    assert (block.eval()(image, drop_rate=0.25) == 1).all()


@pytest.mark.parametrize("size", SIZES)
def test_only_the_mood_body_and_the_head_are_trained(size):
    network = MoodNetwork(size, n_moods=5, n_shared=7)
    trained = {name.split(".")[0] for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trained == {"mood_blocks", "mood_last", "moods"}
    assert len(network.mood_blocks) == len(network.blocks) - 7
    assert sum(parameter.numel() for parameter in network.parameters()) > 4e6


def test_the_mean_of_a_mood_map_is_the_logit(network):
    features = torch.rand(2, 1280, 7, 7)
    torch.testing.assert_close(network.maps(features).mean(dim=(2, 3)), network.moods(features.mean(dim=(2, 3))))
