"""The files for Docker Compose, Kubernetes and systemd follow their schemas, and their commands are valid."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import kubernetes_validate
import pytest
import typer.main
import yaml

from imagemood.cli.app import app
from imagemood.serve.app import create_app
from imagemood.serve.settings import Limits, Settings
from imagemood.serve.stopping import CLEAN_UP_S
from tests.deploy.proxies import program

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
MANIFESTS = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")))
UNIT = (ROOT / "deploy" / "imagemood.service").read_text("utf-8")
DEPLOYMENT = next(manifest for manifest in MANIFESTS if manifest["kind"] == "Deployment")
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
COMMANDS = {
    "compose": ["imagemood", *COMPOSE["services"]["imagemood"]["command"]],
    "kubernetes": ["imagemood", *CONTAINER["args"]],
    "systemd": shlex.split(re.search(r"^ExecStart=(.+)$", UNIT, re.MULTILINE)[1]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_the_command_exist_and_require_a_token(name):
    words = COMMANDS[name]
    assert Path(words[0]).name == "imagemood"
    command = typer.main.get_command(app).commands[words[1]]
    context = command.make_context("serve", [str(word) for word in words[2:]])
    assert context.params["token_file"] is not None
    assert context.params["host"] == ("127.0.0.1" if name == "systemd" else "0.0.0.0")  # noqa: S104
    assert context.params["port"] == 8887
    assert context.params["allowed_hosts"]


def test_compose_file_is_valid():
    tool = Path(sysconfig.get_path("scripts")) / "check-jsonschema"
    command = [sys.executable, tool, "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_references_of_the_compose_file_exist():
    for service in COMPOSE["services"].values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]
    assert not COMPOSE["services"]["imagemood"].get("ports")  # only the proxy accepts connections from outside


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
def test_kubernetes_manifest_is_valid(manifest):
    for version in ("1.30", kubernetes_validate.latest_version()):
        kubernetes_validate.validate(manifest, version, strict=True)
    if manifest["kind"] != "Deployment":
        spec = manifest["spec"]
        selector = spec.get("podSelector") or spec["selector"]
        labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
        assert selector.get("matchLabels", selector) == labels


def test_the_pod_is_confined_and_its_probes_are_routes_without_a_token():
    assert POD["securityContext"]["runAsNonRoot"]
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert [POD["securityContext"][key] for key in ("runAsUser", "runAsGroup")] == [int(user[1]), int(user[2])]
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(CONTAINER["resources"]["limits"]) >= {"cpu", "memory"}
    public = {"/healthz", "/readyz"}
    probes = [CONTAINER[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")]
    assert set(probes) == public
    document = create_app(Settings(token="x" * 32)).openapi()
    assert all(document["paths"][path]["get"].get("security") == [] for path in public)


def test_the_service_has_time_to_stop_before_it_is_killed():
    needed = Limits().stop_timeout_s + CLEAN_UP_S  # with several workers
    assert int(COMPOSE["services"]["imagemood"]["stop_grace_period"].removesuffix("s")) >= needed
    (delay,) = (int(word.partition("=")[2]) for word in CONTAINER["args"] if word.startswith("--drain-delay="))
    assert POD["terminationGracePeriodSeconds"] >= needed + delay
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[1]) >= needed


def test_systemd_accepts_the_unit_and_rates_it_as_confined(tmp_path):
    analyze = program("systemd-analyze")
    unit = tmp_path / "imagemood.service"
    unit.write_text(UNIT.replace("/opt/imagemood/bin/imagemood", sys.executable))  # the program must exist
    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "imagemood.service" not in done.stderr  # no warnings
    rating = [analyze, "security", "--no-pager", "--offline=true", "--threshold=15", unit]  # 1.5 of 10
    done = subprocess.run(rating, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-200:]
