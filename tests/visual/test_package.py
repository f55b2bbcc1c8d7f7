from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from imagemood import _extras, visual
from imagemood.errors import MissingExtraError


def test_every_public_name_exists():
    assert set(visual.__all__) <= set(vars(visual))


@pytest.mark.parametrize("package", ["cv2", "pywt", "skimage"])
def test_a_missing_dependency_is_named_with_the_extra_that_installs_it(monkeypatch, package):
    for name in [name for name in sys.modules if name.startswith("imagemood.visual")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    name = _extras.distribution(package)
    with pytest.raises(MissingExtraError, match=rf"^{name} is not installed .*\[visual\]"):
        importlib.import_module("imagemood.visual")


def test_importing_the_package_measures_nothing():
    """The tables of colours are computed on first use, and no image is measured."""
    code = (
        "from imagemood.visual import colour, colour_names\n"
        "assert colour._colour_distances.cache_info().currsize == 0\n"
        "assert colour_names._nearest_basic_colours.cache_info().currsize == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
