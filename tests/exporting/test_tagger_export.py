from __future__ import annotations

import io
import json
import shutil
import signal
import sys
import threading

import numpy as np
import onnx
import PIL.Image
import pytest

from imagemood import Cascade, _extras, load_model
from imagemood.errors import InputError, MissingExtraError, ModelError
from imagemood.exporting.libraries import import_library
from imagemood.exporting.original import EMBEDDING, SCORES
from imagemood.exporting.tagger_export import export_tagger
from imagemood.models.tagger import Tagger
from tests.cli.commands import run
from tests.exporting.networks import NETWORKS, SIZE_PX

CARDS = {
    "vit": {"labels": ["cat", "dog"], "resize": "crop", "resize_px": 36, "license": "apache-2.0"},
    "convnext": {"resize": "crop", "resize_px": 36, "source": "timm/convnext"},
    "efficientnet": {"resize": "crop", "resize_px": 168, "name": "test_efficientnet"},
    "clip": {"resize": "crop", "resize_px": SIZE_PX, "license": "mit"},
    "siglip": {"resize_px": SIZE_PX, "license": "small-licence", "mean": [0.5] * 3},
    "dinov2": {"resize": "crop", "resize_px": 40, "source": "hf/dinov2"},
    "mobilevit": {"labels": ["cat", "dog"], "resize": "crop", "resize_px": 72, "mean": [0.0] * 3},
    "classifier": {"labels": ["cat (0)", "dog", "cat (2)"], "resize": "crop", "resize_px": 40},
}
N_LABELS = {"vit": 2, "mobilevit": 2, "convnext": 1000, "classifier": 3}


@pytest.mark.parametrize("name", NETWORKS)
def test_card(exports, name):
    content = json.loads((exports[name].folder / "network.json").read_text("utf-8"))
    assert {key: content.get(key) for key in CARDS[name]} == CARDS[name]
    assert len(content.get("labels", [])) == N_LABELS.get(name, 0)
    assert content["embedding"] == EMBEDDING
    assert content["scale"] == 255


@pytest.fixture(scope="module")
def photos(sample_photos):
    """A photo as a PNG file, and larger as a JPEG file, which the tagger decodes at a reduced scale."""
    with PIL.Image.open(sample_photos / "chelsea.png") as image:
        content = io.BytesIO()
        image.convert("RGB").resize((1333, 887), PIL.Image.Resampling.BICUBIC).save(content, "JPEG", quality=95)
    return {"png": (sample_photos / "chelsea.png").read_bytes(), "jpeg": content.getvalue()}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("photo", "tolerance"), [("png", 1e-3), ("jpeg", 0.02)])
def test_outputs_for_a_photo_are_those_of_the_original_library(exports, name, photos, photo, tolerance):
    torch, export = import_library("torch"), exports[name]
    tagger = Tagger.load(export.folder)
    with PIL.Image.open(io.BytesIO(photos[photo])) as image, torch.inference_mode():
        prepared = export.original.transform(image.convert("RGB"))[np.newaxis]
        expected = dict(zip(export.original.outputs, export.original.module(prepared), strict=True))
    output = tagger.predict(np.stack([tagger.decode(photos[photo])] * 3))
    embedding = expected[EMBEDDING].numpy()
    assert np.abs(output.embedding - embedding).max() < tolerance * np.abs(embedding).max()
    if SCORES in expected:
        scores = expected[SCORES].softmax(1).numpy()
        assert np.abs(output.scores - scores).max() < tolerance * scores.max()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_agreement_is_reported(exports, name):
    agreement = exports[name].exported.agreement
    assert max(agreement.scores, agreement.embedding) < 1e-4
    assert agreement.pixels < 0.3


@pytest.mark.parametrize("name", NETWORKS)
def test_network_is_one_file_that_takes_any_number_of_pictures(exports, name):
    network = onnx.load(exports[name].folder / "network.onnx", load_external_data=False)
    assert not any(tensor.external_data for tensor in network.graph.initializer)
    assert sorted(path.name for path in exports[name].folder.iterdir()) == ["network.json", "network.onnx"]
    assert isinstance(Tagger.load(exports[name].folder).network.inputs["image"][0], str)


def test_labels_of_imagenet_are_those_of_the_built_in_tagger(exports):
    cascade = Cascade(Tagger.load(exports["convnext"].folder), load_model("tags"))
    assert cascade.tagger.labels == load_model("tags").vocabulary
    assert cascade.classify(np.zeros((50, 60, 3), np.uint8)).mood is not None


def test_train_with_an_exported_network(exports, sample_photos, tmp_path):
    for mood, names in {"calm": ("chelsea.png", "coffee.png"), "joy": ("rocket.jpg", "cat.png")}.items():
        (tmp_path / "photos" / mood).mkdir(parents=True)
        for i in range(3):
            for name in names:
                if (sample_photos / name).exists():
                    shutil.copy(sample_photos / name, tmp_path / "photos" / mood / f"{i}-{name}")
    tagger = shutil.copytree(exports["siglip"].folder, tmp_path / "tagger")
    model = tmp_path / "model"
    done = run("train", "--images", tmp_path / "photos", "--tagger", tagger, "-o", model)
    assert (done.returncode, b"16 embedding features" in done.stderr) == (0, True)
    shutil.rmtree(tagger)
    assert Cascade.load(model).classify(sample_photos / "rocket.jpg").mood in {"calm", "joy"}
    card = (model / "README.md").read_text("utf-8")
    assert "the tagger, siglip" in card
    assert "small-licence" in card


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("resnet18", "resnet18: unknown network (use one of timm/NAME, open_clip/NAME, hf/NAME)"),
        ("timm/", "timm/: unknown network"),
        ("timm/resnett18", "timm/resnett18: unknown network (similar names: resnet18, "),
        ("timm/resnet18.x", "timm/resnet18.x: unknown network (similar names: resnet18."),
        ("timm/ResNet18.a1_in1k", "timm/ResNet18.a1_in1k: unknown network (similar names: resnet18, "),
        ("timm/resnet18.a1_in2k", "timm/resnet18.a1_in2k: unknown network (similar names: resnet18.a1_in1k, "),
        ("timm/a/b/c", "timm/a/b/c: not the name of a repository on the Hugging Face Hub"),
        ("timm/./none", "timm/./none: No such folder"),
        ("hf/~/none", "hf/~/none: No such folder"),
        ("hf/a b", "hf/a b: not the name of a repository on the Hugging Face Hub"),
        ("open_clip/hf-hub:a b", "open_clip/hf-hub:a b: not the name of a repository on the Hugging Face Hub"),
        ("open_clip/ViT-X", "open_clip/ViT-X: unknown network"),
        (
            "open_clip/ViT-B-32",
            "open_clip/ViT-B-32: the name of the weights is missing (append /NAME, ",
        ),
        ("open_clip/ViT-B-32/x", "open_clip/ViT-B-32/x: unknown weights 'x' (append /NAME"),
    ],
)
def test_unknown_names(source, message, tmp_path):
    with pytest.raises(InputError) as caught:
        export_tagger(source, tmp_path / "tagger")
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "tagger").exists()


def test_folders_that_are_not_networks(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    for library in ("hf", "timm"):
        with pytest.raises(InputError, match=f"^{library}/{tmp_path}: cannot be loaded: "):
            export_tagger(f"{library}/{tmp_path}", tmp_path / "tagger")
    (tmp_path / "open_clip_config.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be loaded"):
        export_tagger(f"open_clip/{tmp_path}", tmp_path / "tagger")


def test_weights_of_another_network(exports, tmp_path):
    path = NETWORKS["efficientnet"][1](tmp_path / "weights")
    with pytest.raises(InputError, match=r"weights\.safetensors: these are not the weights of test_convnext: "):
        export_tagger("timm/test_convnext", tmp_path / "tagger", weights=path)
    with pytest.raises(InputError, match="exclude each other"):
        export_tagger("timm/test_convnext", tmp_path / "tagger", weights=path, random_weights=True)
    with pytest.raises(InputError, match="--weights cannot be combined with hf/"):
        export_tagger("hf/x", tmp_path / "tagger", weights=path)


def test_a_folder_with_other_files_is_not_replaced(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match="the folder is not empty"):
        export_tagger("timm/test_vit", tmp_path, random_weights=True)


def test_a_model_directory_is_not_replaced_by_its_tagger(tmp_path):
    for name in ("network.onnx", "network.json", "metadata.json", "model.onnx"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"contains other files than a tagger, such as metadata\.json"):
        export_tagger("timm/test_vit", tmp_path, random_weights=True)
    assert (tmp_path / "model.onnx").exists()


@pytest.mark.parametrize(
    ("source", "library"), [("timm/a", "timm"), ("open_clip/a", "open_clip"), ("hf/a", "torch")]
)
def test_a_library_is_missing(source, library, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        MissingExtraError, match=rf"^{_extras.distribution(library)} is not installed \(.* install .*\[export\]'\)"
    ):
        export_tagger(source, tmp_path / "tagger")


def test_a_network_that_cannot_be_exported_leaves_nothing(exports, tmp_path, monkeypatch):
    def fail(original):
        raise ModelError("cannot be exported to ONNX", where=original.card.source)

    monkeypatch.setattr("imagemood.exporting.tagger_export.to_onnx", fail)
    with pytest.raises(ModelError, match="timm/test_vit: cannot be exported"):
        export_tagger("timm/test_vit", tmp_path / "tagger", random_weights=True)
    assert not (tmp_path / "tagger").exists()


def test_an_interrupt_does_not_reach_pytorch(tmp_path, monkeypatch):
    threads, has_ended = [], threading.Event()

    def interrupted(original):
        threads.append(threading.current_thread())
        signal.raise_signal(signal.SIGINT)
        has_ended.wait(60)
        return b""

    monkeypatch.setattr("imagemood.exporting.tagger_export.to_onnx", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_tagger("timm/test_vit", tmp_path / "tagger", random_weights=True)
    has_ended.set()
    assert threads != [threading.main_thread()]
    assert list(tmp_path.iterdir()) == []
