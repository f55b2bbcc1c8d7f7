"""The files for KServe and for Ray Serve on Kubernetes: their pods, commands and arguments are valid."""

from __future__ import annotations

import importlib
import re
import subprocess
import sysconfig
from pathlib import Path

import kubernetes_validate
import pytest
import typer.main
import yaml

import imagemood
from imagemood.cli.app import app
from imagemood.serve.settings import Limits
from imagemood.serve.stopping import CLEAN_UP_S

ROOT = Path(__file__).parents[2]
KSERVE = yaml.safe_load((ROOT / "deploy" / "kserve" / "inference-service.yaml").read_text("utf-8"))
RAY = yaml.safe_load((ROOT / "deploy" / "ray" / "ray-service.yaml").read_text("utf-8"))
DOCKERFILE = ROOT / "deploy" / "ray" / "Dockerfile"
PREDICTOR = KSERVE["spec"]["predictor"]
(CONTAINER,) = PREDICTOR["containers"]
CLUSTER = RAY["spec"]["rayClusterConfig"]
GROUPS = [CLUSTER["headGroupSpec"], *CLUSTER["workerGroupSpecs"]]
OF_KSERVE = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget", "timeout"}
PODS = {
    "kserve": {key: value for key, value in PREDICTOR.items() if key not in OF_KSERVE},
    **{f"ray {i}": group["template"]["spec"] for i, group in enumerate(GROUPS)},
}


@pytest.mark.parametrize("name", PODS)
def test_the_pods_are_valid(name):
    spec = PODS[name]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "imagemood"}, "spec": spec}
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)
    for container in spec["containers"]:
        assert set(container["resources"]["limits"]) >= {"cpu", "memory"}
        assert container["image"].endswith(f":{imagemood.__version__}")
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted <= {volume["name"] for volume in spec["volumes"]}


def test_kserve_runs_the_service_and_checks_its_readiness():
    assert (KSERVE["apiVersion"], KSERVE["kind"]) == ("serving.kserve.io/v1beta1", "InferenceService")
    command = typer.main.get_command(app).commands[CONTAINER["args"][0]]
    options = command.make_context("serve", CONTAINER["args"][1:]).params
    assert CONTAINER["name"] == "kserve-container"
    assert [port["containerPort"] for port in CONTAINER["ports"]] == [options["port"]]
    probes = [CONTAINER[f"{kind}Probe"]["httpGet"] for kind in ("readiness", "liveness")]
    assert [probe["path"] for probe in probes] == ["/v2/health/ready", "/v2/health/live"]
    assert {probe["port"] for probe in probes} == {options["port"]}
    needed = options["drain_delay"] + options["stop_timeout"] + CLEAN_UP_S
    assert PREDICTOR["terminationGracePeriodSeconds"] >= needed
    assert PREDICTOR["timeout"] > Limits().response_timeout_s


@pytest.mark.filterwarnings("ignore::DeprecationWarning:ray", "ignore::DeprecationWarning:pydantic")
def test_ray_accepts_the_configuration_and_the_arguments_of_the_application():
    from ray.serve.schema import ServeDeploySchema

    assert (RAY["apiVersion"], RAY["kind"]) == ("ray.io/v1", "RayService")
    (application,) = ServeDeploySchema.model_validate(yaml.safe_load(RAY["spec"]["serveConfigV2"])).applications
    module, _, name = application.import_path.partition(":")
    built = getattr(importlib.import_module(module), name)(application.args)
    assert [deployment.name for deployment in application.deployments] == [built._bound_deployment.name]
    assert application.args["token_file"]
    mount = str(Path(application.args["token_file"]).parent)
    for group in GROUPS:
        (container,) = group["template"]["spec"]["containers"]
        assert mount in {mount["mountPath"] for mount in container["volumeMounts"]}
        assert {"name": "RAY_USAGE_STATS_ENABLED", "value": "0"} in container["env"]


def test_the_image_for_ray_has_its_version_and_that_of_the_package():
    text = DOCKERFILE.read_text("utf-8")
    assert re.search(r"^FROM rayproject/ray:(\S+)-py3", text, re.MULTILINE)[1] == CLUSTER["rayVersion"]
    assert f"image-mood-classifier[ray,heif]=={imagemood.__version__}'" in text
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
