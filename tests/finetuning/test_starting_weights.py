from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.finetuning.network import normalise
from imagemood.finetuning.starting_weights import Start, load_network
from imagemood.models.tagger import Tagger
from tests.models.networks import mean_colour, write_tagger


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def expected(pictures):
    return Tagger.load().predict(pictures)


def run(network, pictures):
    with torch.no_grad():
        shared = network.eval().shared(normalise(torch.from_numpy(pictures)))
        scores = torch.softmax(network.tags(network.tag_features(shared).mean(dim=(2, 3))), dim=1)
        return scores.numpy(), network.embedding(shared).numpy(), network


def test_the_network_in_pytorch_computes_what_the_built_in_network_computes(pictures, expected):
    scores, embedding, network = run(load_network(3, Start.moods), pictures)
    np.testing.assert_allclose(scores, expected.scores, atol=1e-5)
    np.testing.assert_allclose(embedding, expected.embedding, atol=1e-4)
    assert network.moods.weight.shape == (3, 1280)
    assert not network.moods.weight.any()


def test_the_mood_body_can_start_from_the_layers_for_tags(pictures, expected):
    scores, embedding, network = run(load_network(2, Start.tags, drop_rate=0.1), pictures)
    np.testing.assert_allclose(scores, expected.scores, atol=1e-5)
    with torch.no_grad():
        from_embedding = torch.softmax(network.tags(torch.from_numpy(embedding)), dim=1)
    np.testing.assert_allclose(from_embedding, expected.scores, atol=1e-5)


def test_a_network_of_another_kind_is_refused(tmp_path):
    other = write_tagger(tmp_path, mean_colour())
    with pytest.raises(ModelError, match="cannot be fine-tuned"):
        load_network(2, Start.moods, file=other)


def test_a_network_with_a_layer_of_another_shape_is_refused(tmp_path):
    model = onnx.load(builtin.path("network.onnx"))
    weight = next(weight for weight in model.graph.initializer if weight.name.endswith("stem.weight_half"))
    weight.dims[:] = [3, 32, 3, 3]
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(ModelError, match="cannot be fine-tuned"):
        load_network(2, Start.moods, file=tmp_path / "other.onnx")
