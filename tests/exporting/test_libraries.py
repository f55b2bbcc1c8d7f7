from __future__ import annotations

import os

import huggingface_hub.constants
import pytest

from imagemood.errors import RemoteError
from imagemood.exporting.libraries import licence_of, temporary_cache
from imagemood.exporting.tagger_export import export_tagger

NOTHING_LISTENS = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "source", ["timm/test_vit", "timm/owner/name", "open_clip/ViT-B-32/laion2b_s34b_b79k", "hf/owner/name"]
)
def test_a_hub_that_cannot_be_reached_is_one_clear_error(source, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", NOTHING_LISTENS)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(RemoteError) as caught:
        export_tagger(source, tmp_path / "tagger")
    assert str(caught.value).startswith(f"{source}: cannot be downloaded from {NOTHING_LISTENS}: ")
    assert str(caught.value).endswith("or download the weights elsewhere and give a local folder or --weights)")
    assert not huggingface_hub.constants.HF_HUB_OFFLINE


@pytest.mark.parametrize(
    ("front_matter", "licence"),
    [
        ("license: apache-2.0", "apache-2.0"),
        ("license: other\nlicense_name: small-licence", "small-licence"),
        ("license: other", "other"),
        ("language: de", None),
        ("license: [mit", None),
    ],
)
def test_licence_in_a_model_card(front_matter, licence, tmp_path):
    card = tmp_path / "README.md"
    card.write_text(f"---\n{front_matter}\n---\n# A network\n")
    assert licence_of(str(tmp_path)) == licence


def test_no_model_card(tmp_path):
    assert licence_of(str(tmp_path)) is None


def test_the_cache_is_removed_and_the_environment_restored(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "mine")
    before = dict(os.environ)
    with temporary_cache():
        folder = os.environ["TORCHINDUCTOR_CACHE_DIR"]
        assert os.path.isdir(folder)  # noqa: PTH112
        assert os.environ["USERNAME"]
    assert not os.path.exists(folder)  # noqa: PTH110
    assert dict(os.environ) == before
