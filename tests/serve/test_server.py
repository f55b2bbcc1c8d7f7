from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from imagemood.errors import InputError
from imagemood.serve.settings import Limits, Settings, downstream_in, downstream_of
from tests.serve.serving import free_port


def failed(folder, *options):
    command = [sys.executable, "-m", "imagemood", "serve", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_what_is_wrong_is_one_line_before_anything_is_served(tmp_path):
    (tmp_path / "short.txt").write_text("1234")
    (tmp_path / "runtime.json").write_text(json.dumps({"downstream": ["nowhere"]}))
    plain = ("--no-downstream", "--port", "1")
    talkative = ("--downstream", "http://127.0.0.1:9/", "--host", "0.0.0.0", "--port", free_port())  # noqa: S104
    assert "no such model directory" in failed(tmp_path, "--model", "absent", *talkative, "--workers", "2")
    assert "absent.onnx: No such file" in failed(tmp_path, "--tagger", "absent.onnx", *talkative)
    assert "token.txt: cannot be read" in failed(tmp_path, "--token-file", "token.txt", *plain)
    assert "short.txt: holds no token" in failed(tmp_path, "--token-file", "short.txt", *plain)
    assert "runtime.json: 'nowhere' is no http(s) URL" in failed(tmp_path)
    assert "--queue 3 is less than the 32 pictures" in failed(tmp_path, "--queue", "3", *plain)
    assert "--downstream: 'tag=x' is no http(s) URL" in failed(tmp_path, "--downstream", "tag=x")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = failed(tmp_path, *talkative[:2], "--port", port, "--workers", "2")
        assert (
            said
            == f"error: 127.0.0.1:{port}: cannot serve there: Address already in use (choose another --port)\n"
        )


def test_without_the_extra_the_command_says_what_to_install():
    code = "import sys; sys.modules['fastapi'] = None; sys.argv = ['imagemood', 'serve']"
    code += "; import imagemood.cli; imagemood.cli.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: fastapi is not installed (pip install 'image-mood-classifier[serve]')\n"


def test_settings_travel_to_workers_and_hide_their_token():
    settings = Settings(
        model="m",
        device="cuda:1",
        cors=("https://a.example",),
        token="secret-token",  # noqa: S106
        downstream={"tag": ["http://b/"]},
        limits=Limits(queue=7),
    )
    assert Settings.from_json(settings.to_json()) == settings
    assert "secret-token" not in repr(settings)


def test_where_answers_go_on_to():
    given = ["http://a/x=1", "classify=https://b/", "tag=http://c/"]
    expected = {"tag": ["http://a/x=1", "http://c/"], "classify": ["https://b/"]}
    assert downstream_of(given, where="x") == expected
    assert downstream_in({"downstream": given}, where="x") == expected
    assert downstream_in({"port": 8886}, where="x") == {}
    for wrong in ([], {"downstream": 7}, {"downstream": [7]}, {"downstream": ["file:///etc/passwd"]}):
        with pytest.raises(InputError, match="^x: "):
            downstream_in(wrong, where="x")
