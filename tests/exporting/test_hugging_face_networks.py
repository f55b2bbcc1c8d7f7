from __future__ import annotations

import json

import numpy as np
import pytest

from imagemood.errors import InputError
from imagemood.exporting.hugging_face_networks import load
from imagemood.exporting.libraries import import_library, quiet

SIZE_PX = 32
TOWER = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
VISION = {**TOWER, "image_size": SIZE_PX, "patch_size": 16}
NAMES = {"id2label": {0: "cat", 1: "dog", 2: "bird"}, "label2id": {"cat": 0, "dog": 1, "bird": 2}}


def write(folder, network, config, processor=True):
    """Write a network of a class in transformers, with random weights, and return it."""
    transformers, torch = import_library("transformers"), import_library("torch")
    torch.manual_seed(0)
    with quiet():
        network = getattr(transformers, network)(config).eval()
        network.save_pretrained(folder)
        if processor:
            size = {"height": SIZE_PX, "width": SIZE_PX}
            transformers.ViTImageProcessor(size=size).save_pretrained(folder)
    return network


@pytest.fixture
def transformers():
    return import_library("transformers")


@pytest.fixture
def pictures():
    torch = import_library("torch")
    return torch.from_numpy(np.random.default_rng(0).normal(size=(2, 3, SIZE_PX, SIZE_PX)).astype(np.float32))


def test_classifiers_with_a_head_that_a_teacher_trained_have_tags(transformers, pictures, tmp_path):
    network = write(tmp_path, "DeiTForImageClassificationWithTeacher", transformers.DeiTConfig(**VISION, **NAMES))
    with import_library("torch").inference_mode():
        logits, embedding = load(str(tmp_path), None, random=False).module(pictures)
        expected, tokens = network(pictures), network.deit(pictures).last_hidden_state
    assert load(str(tmp_path), None, random=False).card.labels == ("cat", "dog", "bird")
    assert np.allclose(logits, expected.logits, atol=1e-6)
    assert np.allclose(embedding, tokens[:, :2].mean(1), atol=1e-6)


def test_the_projection_of_an_image_tower_is_kept(transformers, pictures, tmp_path):
    config = transformers.CLIPVisionConfig(**VISION, projection_dim=12)
    network = write(tmp_path, "CLIPVisionModelWithProjection", config)
    for random in (False, True):
        with import_library("torch").inference_mode():
            (embedding,) = load(str(tmp_path), None, random=random).module(pictures)
        assert embedding.shape == (2, 12)
        assert random or np.allclose(embedding, network(pictures).image_embeds.detach(), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "labels"),
    [
        (NAMES, ("cat", "dog", "bird")),
        ({**NAMES, "problem_type": "single_label_classification"}, ("cat", "dog", "bird")),
        ({**NAMES, "problem_type": "multi_label_classification"}, ()),
        ({**NAMES, "problem_type": "regression"}, ()),
        ({"id2label": {0: "cat"}, "label2id": {"cat": 0}}, ()),
        ({"num_labels": 3}, ()),
    ],
)
def test_only_classes_with_names_and_probabilities_become_tags(transformers, settings, labels, tmp_path):
    write(tmp_path, "ViTForImageClassification", transformers.ViTConfig(**VISION, **settings))
    assert load(str(tmp_path), None, random=True).card.labels == labels


def test_classes_without_a_name(transformers, tmp_path):
    write(tmp_path, "ViTForImageClassification", transformers.ViTConfig(**VISION, **NAMES))
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    config["id2label"] = {"0": "cat", "1": "dog", "4": "bird"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert load(str(tmp_path), None, random=True).card.labels == ("cat", "dog", "LABEL_2")


def test_networks_that_are_not_for_pictures(transformers, tmp_path):
    write(tmp_path, "BertModel", transformers.BertConfig(**TOWER, vocab_size=8), processor=False)
    with pytest.raises(
        InputError, match=r"has no image processor, which prepares pictures \(choose a network for"
    ):
        load(str(tmp_path), None, random=False)


def test_networks_of_timm_are_exported_with_timm(tmp_path):
    config = {"architecture": "test_vit", "num_classes": 3, "model_type": "timm_wrapper"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=rf"this is a network of timm \(use timm/{tmp_path}\)"):
        load(str(tmp_path), None, random=False)
