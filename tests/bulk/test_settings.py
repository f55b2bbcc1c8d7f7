from __future__ import annotations

import pytest

from imagemood.bulk.settings import RunSettings
from imagemood.errors import InputError


def test_the_device_applies_to_workers_and_does_not_change_the_hash():
    here, there = RunSettings("moods", device="cpu"), RunSettings("moods", device="cuda:9999")
    assert (there.model_hash(), there.options) == (here.model_hash(), here.options)
    assert here.load_cascade().tagger.network.device == "cpu"
    with pytest.raises(InputError, match="^device cuda:9999: "):
        there.load_cascade()
