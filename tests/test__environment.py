from __future__ import annotations

import os

import pytest

from imagemood._environment import environment


def test_variables_are_set_and_restored(monkeypatch):
    monkeypatch.setenv("IMAGEMOOD_KNOWN", "before")
    monkeypatch.delenv("IMAGEMOOD_NEW", raising=False)
    with pytest.raises(KeyError), environment(IMAGEMOOD_KNOWN="during", IMAGEMOOD_NEW=""):
        assert (os.environ["IMAGEMOOD_KNOWN"], os.environ["IMAGEMOOD_NEW"]) == ("during", "")
        raise KeyError
    assert os.environ["IMAGEMOOD_KNOWN"] == "before"
    assert "IMAGEMOOD_NEW" not in os.environ


def test_a_variable_may_be_removed_in_the_block(monkeypatch):
    monkeypatch.delenv("IMAGEMOOD_NEW", raising=False)
    with environment(IMAGEMOOD_NEW="1"):
        del os.environ["IMAGEMOOD_NEW"]
    assert "IMAGEMOOD_NEW" not in os.environ
