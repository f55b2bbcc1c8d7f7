"""Run the official Acumos runner in its own environment with Python 3.9, which its client needs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

REQUIREMENTS = (
    "acumos==1.0.1",
    "acumos-model-runner==0.2.6",
    "connexion[swagger-ui]==2.14.2",
    "flask<2.3",
    "werkzeug<2.3",
    "flask-cors<5",
    "jsonschema<4",
    "pyyaml==5.4.1",
    "protobuf==3.20.3",
    "numpy==1.26.4",
    "onnxruntime==1.19.2",
    "pillow==10.4.0",
)
PROTOBUF, JSON = "application/vnd.google.protobuf", "application/json"


def find_python() -> str | None:
    """Return the path of a CPython 3.9 from $PYTHON39, pyenv or $PATH, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = [str(path / "bin" / "python") for path in sorted(pyenv.glob("3.9.*"))]
    for name in (os.environ.get("PYTHON39"), *installed, "python3.9"):
        path = name and shutil.which(name)
        check = "import sys; sys.exit(sys.version_info[:2] != (3, 9))"
        if path and subprocess.run([path, "-c", check], capture_output=True).returncode == 0:
            return path
    return None


def environment(python: str) -> Path:
    """Create the runner's environment, once per machine, and return its path."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "image-mood-classifier"
    cache.mkdir(parents=True, exist_ok=True)
    venv = cache / f"acumos-{hashlib.sha256(' '.join(REQUIREMENTS).encode()).hexdigest()[:12]}"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may run at the same time
        if not (venv / "ready").exists():
            subprocess.run([python, "-m", "venv", "--clear", venv], check=True)
            install = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, "setuptools<70", "wheel"], check=True)
            subprocess.run([*install, *REQUIREMENTS], check=True)
            (venv / "ready").touch()
    return venv


@contextlib.contextmanager
def serving(venv: Path, bundle_dir: Path) -> Iterator[str]:
    """Serve a bundle on a free port, and yield the URL of its method."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [venv / "bin" / "acumos_model_runner", "--host", "127.0.0.1", "--port", str(port), bundle_dir]
    log = bundle_dir.with_suffix(".log")
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/model/artifacts/protobuf", process, log)
            yield f"http://127.0.0.1:{port}/model/methods/classify"
        finally:
            process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def post(address: str, body: bytes, *, content_type: str = PROTOBUF, accept: str = PROTOBUF) -> bytes:
    """Send a POST request and return the body of the response."""
    headers = {"Content-Type": content_type, "Accept": accept}
    request = urllib.request.Request(address, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()
