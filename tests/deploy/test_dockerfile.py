"""The Dockerfile: hadolint checks it, and its commands run here, outside a container."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import httpx
import pytest
from dockerfile_parse import DockerfileParser

import imagemood
from tests.serve.serving import free_port, running

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
IGNORE = (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def instructions(name):
    """Return the values of all instructions of a name, without their flags."""
    parser = DockerfileParser(fileobj=io.BytesIO(DOCKERFILE.read_bytes()))
    values = [part["value"] for part in parser.structure if part["instruction"] == name]
    return [re.sub(r"^(--\S+\s+)+", "", value) for value in values]


def copied():
    """Return the files and folders that the first stage copies."""
    return [source for value in instructions("COPY")[:-1] for source in value.split()[:-1]]


def test_hadolint_finds_nothing():
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_context_contains_exactly_what_is_copied():
    assert IGNORE[1] == "*"
    assert {line[1:] for line in IGNORE if line.startswith("!")} == set(copied())


def test_the_container_has_no_root_user_and_a_base_of_a_minor_version():
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", instructions("USER")[-1])
    bases = {value.split()[0] for value in instructions("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", bases.pop())


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The package, installed by the commands of the Dockerfile from a copy of what they need."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "source").mkdir()
    for name in copied():
        source, target = ROOT / name, folder / "source" / name
        ignored = shutil.ignore_patterns("static", "node_modules", "__pycache__")
        shutil.copytree(source, target, ignore=ignored) if source.is_dir() else shutil.copy(source, target)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for command in instructions("RUN"):
        if " install " in command:
            environment["PIP_NO_DEPS"] = "1"  # the dependencies are those of this environment
        done = subprocess.run(
            ["/bin/sh", "-ec", in_folder(command, folder)],
            cwd=folder / "source",
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = (folder / "opt" / "imagemood" / "lib").glob("python3*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def in_folder(command, folder):
    """Replace the absolute paths of a command."""
    return command.replace("/wheels", f"{folder}/wheels").replace("/opt/imagemood", f"{folder}/opt/imagemood")


def test_the_commands_of_the_dockerfile_install_and_start_the_service(installed):
    port = free_port()
    programs = installed / "opt" / "imagemood" / "bin"
    command = [*json.loads(instructions("ENTRYPOINT")[0]), *json.loads(instructions("CMD")[0])]
    assert command == ["imagemood", "serve", "--host", "0.0.0.0"]  # noqa: S104
    command = [programs / command[0], *command[1:-1], "127.0.0.1", "--port", str(port)]
    check = json.loads(instructions("HEALTHCHECK")[0].removeprefix("CMD "))
    check = [str(programs / check[0]), *(word.replace("8887", str(port)) for word in check[1:])]
    environment = {"PATH": os.environ["PATH"], "http_proxy": "http://127.0.0.1:9"}  # checks must not use a proxy
    assert subprocess.run(check, capture_output=True).returncode != 0
    with running(installed, command, port, env=environment) as service:
        assert subprocess.run(check, env=environment).returncode == 0
        page = httpx.get(service.address + "/").text
        assert 'id="app"' in page
        moods = httpx.get(service.address + "/v1/labels").json()["moods"]
        assert len(moods) == 8


def test_the_image_is_named_with_the_version_of_the_package():
    for name in ("compose.yaml", "deploy/kubernetes.yaml"):
        images = re.findall(r"image: imagemood:(\S+)", (ROOT / name).read_text("utf-8"))
        assert images == [imagemood.__version__]
