from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
import torch

from imagemood import builtin
from imagemood.finetuning.export import export, prepared
from imagemood.finetuning.network import normalise
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_files import TaggerFiles

MOODS = ("calm", "joy", "unease")


@pytest.fixture(scope="module")
def exported(network):
    labels = json.loads(builtin.path("network.json").read_text())["labels"]
    content, card = export(network, "A network and moods", tags=labels, moods=MOODS)
    return content, card


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)


def test_the_exported_network_computes_what_the_network_in_pytorch_computes(exported, network, pictures):
    outputs = Network(exported[0]).run(image=pictures)
    network = prepared(network)
    with torch.no_grad():
        shared = network.shared(normalise(torch.from_numpy(pictures)))
        features = network.mood_features(shared)
        embedding = features.mean(dim=(2, 3))
        expected = {
            "embedding": embedding,
            "moods": network.moods(embedding),
            "mood_maps": network.maps(features),
            "scores": torch.softmax(network.tags(network.tag_features(shared).mean(dim=(2, 3))), dim=1),
        }
    for name, value in expected.items():
        np.testing.assert_allclose(outputs[name], value.numpy(), atol=1e-4)


def test_the_exported_network_is_a_tagger_with_the_tags_of_the_built_in_network(exported, pictures):
    content, card = exported
    tagger = Tagger.from_files(TaggerFiles.of_content(content, json.dumps(card).encode()))
    assert tagger.card.mood_labels == MOODS
    only_tags, built_in = tagger.predict(pictures, ("tags",)), Tagger.load().predict(pictures, ("tags",))
    assert only_tags.embedding is None
    np.testing.assert_array_equal(only_tags.scores, built_in.scores)


def test_the_exported_network_contains_no_paths_and_has_the_size_of_the_built_in_one(exported):
    content, _ = exported
    assert b".py" not in content
    assert len(content) == pytest.approx(builtin.path("network.onnx").stat().st_size, rel=0.02)


def test_the_weights_of_the_built_in_network_survive_training_format_and_export(exported):
    """Tags must not change, however often a network is fine-tuned and exported."""

    def weights(model):
        graphs = [model.graph, *(a.g for node in model.graph.node for a in node.attribute if a.HasField("g"))]
        return {
            weight.name: onnx.numpy_helper.to_array(weight)
            for graph in graphs
            for weight in graph.initializer
            if weight.name.endswith("_half") and ".moods." not in weight.name
        }

    built_in, again = weights(onnx.load(builtin.path("network.onnx"))), weights(onnx.load_from_string(exported[0]))
    assert len(built_in) > 100
    for name, value in built_in.items():
        np.testing.assert_array_equal(again[name], value)
