from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import imagemood
from imagemood import _lazy


@pytest.mark.parametrize("package", ["imagemood", "imagemood.learning", "imagemood.tables"])
def test_every_public_name_is_imported_on_first_use(package):
    module = importlib.import_module(package)
    assert module.__all__
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is vars(module)[name]


def test_nothing_is_imported_before():
    code = "import sys, imagemood; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "onnxruntime", "PIL", "pyarrow"} & set(eval(completed.stdout))  # noqa: S307


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module imagemood has no attribute clasify"):
        imagemood.clasify  # noqa: B018


def test_only_relative_imports_count(tmp_path):
    stub = tmp_path / "__init__.pyi"
    stub.write_text("from __future__ import annotations\nfrom typing import Any\nfrom .a.b import C, D\nx: Any\n")
    assert _lazy._imported_names(str(stub)) == {"C": "a.b", "D": "a.b"}
