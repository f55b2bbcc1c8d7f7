from __future__ import annotations

import json
import re
import socket
import subprocess
import sys

from tests.cli.commands import run
from tests.serve.serving import free_port


def run_and_fail(folder, *options):
    completed = run("serve", *options, cwd=folder)
    message = completed.stderr.decode()
    assert (completed.returncode, completed.stdout) == (2, b"")
    assert message.startswith("error: ")
    assert message.count("\n") == 1, message
    return message


def test_errors_are_one_line_before_anything_is_served(tmp_path):
    (tmp_path / "short.txt").write_text("1234")
    (tmp_path / "words.txt").write_text("two words of many letters")
    (tmp_path / "binary.txt").write_bytes(b"\xff" * 32)
    (tmp_path / "runtime.json").write_text(json.dumps({"downstream": ["nowhere"]}))
    common = ("--no-downstream", "--port", "1")
    forwarding = ("--downstream", "http://127.0.0.1:9/", "--host", "0.0.0.0", "--port", free_port())  # noqa: S104
    for options, message in (
        (("--model", "absent", *forwarding, "--workers", "2"), "absent"),
        (("--tagger", "absent.onnx", *forwarding), "absent.onnx: "),
        (("--token-file", "token.txt", *common), "token.txt: No such file or directory"),
        (("--token-file", "short.txt", *common), "short.txt: not a token: expected a single word of at least 16"),
        (("--token-file", "words.txt", *common), "words.txt: not a token"),
        (("--token-file", "binary.txt", *common), "binary.txt: not a text file"),
        ((), "runtime.json: 'nowhere' is not an HTTP(S) URL"),
        (("--queue", "3", *common), "--queue 3 is smaller than --max-images 32 (set a smaller --max-images)"),
        (("--downstream", "tag=x"), "--downstream: 'tag=x' is not an HTTP(S) URL"),
        (
            ("--allowed-hosts", "a.example,http://b.example", *common),
            "--allowed-hosts: 'http://b.example' is not a host",
        ),
        (("--cors", "friend.example", *common), "--cors: 'friend.example' is not an origin (for example https://"),
    ):
        assert message in run_and_fail(tmp_path, *options)


def test_a_port_in_use_is_an_error(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = run_and_fail(tmp_path, "--no-downstream", "--port", port, "--workers", "2")
    assert message == (
        f"error: 127.0.0.1:{port}: cannot bind to the address: Address already in use (choose another --port)\n"
    )


def test_without_the_extra_the_error_says_what_to_install():
    code = "import sys; sys.modules['fastapi'] = None; sys.argv = ['imagemood', 'serve']"
    code += "; import imagemood.cli; imagemood.cli.main()"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert completed.returncode == 2
    assert re.fullmatch(r"error: fastapi is not installed \(.* install .*\[serve\]'\)\n", completed.stderr)
