from __future__ import annotations

import subprocess
import sys

import pytest

from imagemood.errors import MissingExtraError
from imagemood.pictures import decoding, samples


def test_each_sample_is_a_photo_with_a_source_and_a_licence():
    found = samples.all_samples()
    assert len(found) >= 5
    for sample in found:
        assert decoding.decode(sample.path.read_bytes()).shape[2] == 3
        assert sample.title
        assert sample.source
        assert sample.licence in {"CC0", "public domain"}


def test_finding_samples_does_not_import_scikit_image():
    code = (
        "import sys; from imagemood.pictures import samples; "
        "samples.all_samples(); sys.exit('skimage' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_extra_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    monkeypatch.setattr(samples, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'image-mood-classifier\[samples\]'"):
        samples.all_samples()
