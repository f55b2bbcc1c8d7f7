"""The public names of the package, and the function behind `imagemood.classify`."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import imagemood
from imagemood import api
from imagemood.errors import ImageError, InputError, ModelError
from imagemood.prediction.cascade import Cascade

PACKAGE = Path(imagemood.__file__).parent


def test_public_names():
    assert dir(imagemood) == sorted([*imagemood.__all__, "__version__"])
    for name in imagemood.__all__:
        assert getattr(imagemood, name).__name__ == {"load_model": "load"}.get(name, name)
    with pytest.raises(AttributeError, match="frown"):
        _ = imagemood.frown


def test_stub_lists_the_same_names():
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    (listed,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    )
    imported = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(listed) == sorted(imported) == sorted(imagemood.__all__)


def test_import_loads_no_heavy_package():
    code = (
        "import sys, imagemood\n"
        "heavy = {'numpy', 'pyarrow', 'onnxruntime', 'PIL', 'sklearn', 'msgspec'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_version_and_command():
    assert version("image-mood-classifier") == imagemood.__version__
    done = subprocess.run([sys.executable, "-m", "imagemood", "--version"], capture_output=True, check=True)
    assert done.stdout.decode() == f"imagemood {imagemood.__version__}\n"


def test_classify_gives_the_result_of_the_cascade(sample_photos):
    path = sample_photos / "coffee.png"
    expected = Cascade.load("tags").classify(path)
    result = imagemood.classify(path, model="tags")
    assert result.moods == pytest.approx(expected.moods, abs=1e-9)
    assert result.tags == pytest.approx(expected.tags, abs=1e-9)


def test_models_are_loaded_once(sample_photos, monkeypatch):
    imagemood.classify(sample_photos / "coffee.png")
    monkeypatch.setattr(Cascade, "load", None)
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    assert sum(imagemood.classify(picture).moods.values()) == pytest.approx(1)
    assert api.classify is imagemood.classify


@pytest.mark.parametrize(
    ("arguments", "options", "error_class"),
    [
        ([b"not a picture"], {}, ImageError),
        (["absent.jpg"], {}, InputError),
        ([np.zeros((9, 9, 3), np.uint8)], {"device": "tpu"}, InputError),
        ([np.zeros((9, 9, 3), np.uint8)], {"model": "absent"}, ModelError),
        ([np.zeros((9, 9, 3), np.uint8)], {"tagger": "absent.onnx"}, ModelError),
    ],
)
def test_errors(arguments, options, error_class):
    with pytest.raises(error_class):
        imagemood.classify(*arguments, **options)
