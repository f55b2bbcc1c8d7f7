from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import huggingface_hub.constants
import pytest

from imagemood.errors import MoodError, RemoteError
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


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """Runs a server in place of the Hugging Face Hub, with a configured answer to all requests for files."""

    class Handler(BaseHTTPRequestHandler):
        status, headers_of_answer = 404, ()

        def do_GET(self):
            self.send_response(200 if self.path == "/" else self.status)
            for name, value in self.headers_of_answer:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 (the name that the base class asks for)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name in ("ENDPOINT", "HUGGINGFACE_CO_URL_HOME"):
        monkeypatch.setattr(huggingface_hub.constants, name, address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (404, "RepoNotFound", r"the repository does not exist or is private \(check the name; "),
        (401, "RepoNotFound", r"the repository does not exist or is private \(check the name; "),
        (403, "GatedRepo", r"access to the repository is restricted \(accept the conditions .* 'hf auth login'\)"),
    ],
)
@pytest.mark.parametrize("prefix", ["timm/", "open_clip/hf-hub:", "hf/"])
def test_repositories_that_the_hub_does_not_hand_out(prefix, status, code, message, hub, tmp_path):
    hub.status, hub.headers_of_answer = status, (("X-Error-Code", code),)
    with pytest.raises(RemoteError, match=f"^{prefix}owner/name: {message}"):
        export_tagger(f"{prefix}owner/name", tmp_path / "tagger")
    assert not (tmp_path / "tagger").exists()


def test_a_repository_that_lacks_files(hub, tmp_path):
    hub.headers_of_answer = (("X-Error-Code", "EntryNotFound"), ("X-Repo-Commit", "0" * 40))
    for prefix in ("timm/", "hf/"):
        with pytest.raises(MoodError, match=f"^{prefix}owner/name: cannot be loaded: "):
            export_tagger(f"{prefix}owner/name", tmp_path / "tagger")


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
