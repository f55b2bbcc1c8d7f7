from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from imagemood._usage_reports import VARIABLES
from imagemood.errors import InputError, MissingExtraError
from imagemood.pictures.samples import FOLDER
from imagemood.serve.ray_serve import NAME, Arguments, build_app
from tests.serve.serving import free_port

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray", "ignore::DeprecationWarning:pydantic")
ON_A_CLUSTER = """
import logging, re, sys, time
import httpx
import imagemood  # turns off usage reports
import ray
from ray import serve
from ray._common.usage import usage_lib
from imagemood.serve.ray_serve import build_app

port, metrics_port, token, picture = sys.argv[1:]
ray.init(
    "local",  # not a cluster of another process
    num_cpus=2,
    include_dashboard=False,
    log_to_driver=False,
    logging_level=logging.ERROR,
    _metrics_export_port=int(metrics_port),
    _system_config={"metrics_report_interval_ms": 500},
)
assert not usage_lib.usage_stats_enabled()
serve.start(http_options={"host": "127.0.0.1", "port": int(port)})
serve.run(build_app({"replicas": "2", "token_file": token, "max_mb": 1}), route_prefix="/moods")
headers = {"Authorization": "Bearer a-token-of-many-letters"}
with httpx.Client(base_url=f"http://127.0.0.1:{port}/moods", timeout=60, headers=headers) as client:
    content = open(picture, "rb").read()
    print(next(iter(client.post("/v1/moods", content=content).json()["results"][0]["moods"])))
    print(client.post("/v1/moods", content=b"x" * 1_000_001).status_code)
    print(client.post("/v1/moods", content=content, headers={"Authorization": ""}).status_code)
    print(client.get("/v2/models/mood/ready").json()["ready"])
    print("imagemood_moods_total" in client.get("/metrics").text)
    for _ in range(9):
        client.post("/v1/moods", content=content)
counts = {}
deadline = time.monotonic() + 60
while (len(counts) < 2 or sum(counts.values()) < 10) and time.monotonic() < deadline:
    time.sleep(0.5)
    text = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("ray_imagemood_moods_total{")]
    counts = {}
    for line in lines:
        replica = re.search('replica="([^"]+)"', line)[1]
        counts[replica] = counts.get(replica, 0) + float(line.rpartition(" ")[2])
print(len(counts), sum(counts.values()))
deployments = serve.status().applications["default"].deployments
print(*deployments, *(deployment.status.name for deployment in deployments.values()))
ray.shutdown()
"""


@pytest.mark.long
def test_the_service_runs_on_a_cluster(tmp_path, cascade):
    token, picture = tmp_path / "token.txt", FOLDER / "cat.jpg"
    token.write_text("a-token-of-many-letters")
    ports = [str(free_port()), str(free_port())]
    command = [sys.executable, "-W", "ignore", "-c", ON_A_CLUSTER, *ports, str(token), str(picture)]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=tmp_path)
    assert completed.returncode == 0, completed.stderr
    mood = cascade.classify(picture).mood
    expected = [str(mood), "413", "401", "True", "True", "2 10.0", "imagemood HEALTHY"]
    assert completed.stdout.splitlines() == expected


def test_the_options_of_the_deployment():
    deployment = build_app(Arguments(replicas=3, cores=2, queue=64))._bound_deployment
    assert deployment.name == NAME
    assert deployment.num_replicas == 3
    assert deployment.max_ongoing_requests == 64
    assert deployment.ray_actor_options["num_cpus"] == 2
    assert deployment.ray_actor_options["runtime_env"]["env_vars"] == VARIABLES


def test_arguments_of_the_command_line_are_texts():
    arguments = Arguments.model_validate(
        {"replicas": "2", "allowed_hosts": "a.example, b.example", "max_mb": "0.5"}
    )
    assert (arguments.replicas, arguments.allowed_hosts) == (2, ("a.example", "b.example"))
    settings = arguments.settings("a-token")
    assert settings.limits.max_bytes == 500_000
    assert settings.limits.decode_timeout_s == 10
    assert settings.token == "a-token"  # noqa: S105


def test_the_token_is_not_part_of_what_ray_stores(tmp_path):
    file = tmp_path / "token.txt"
    file.write_text("a-token-of-many-letters")
    deployment = build_app({"token_file": str(file)})._bound_deployment
    assert b"a-token-of" not in pickle.dumps(deployment._deployment_config.to_proto_bytes())
    assert b"a-token-of" not in deployment._replica_config.serialized_deployment_def


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replica": 2}, r"unknown argument 'replica' \(did you mean replicas\?\)"),
        ({"shape": 2}, r"unknown argument 'shape' \(the arguments are replicas, cores, "),
        ({"replicas": 0}, "replicas: input should be greater than or equal to 1"),
        ({"cores": "x"}, "cores: input should be a valid integer"),
        ({"max_mb": "nan"}, "max_mb: input should be a finite number"),
        ({"timeout": "inf"}, "timeout: input should be a finite number"),
        ({"queue": 2}, "queue 2 is smaller than max_images 32"),
        ({"cors": "friend.example"}, "'friend.example' is not an origin"),
        ({"allowed_hosts": "http://a.example"}, "'http://a.example' is not a host"),
    ],
)
def test_wrong_arguments_are_errors(arguments, message):
    with pytest.raises(InputError, match=message):
        build_app(arguments)


def test_without_ray_serve_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"ray\[serve\] is not installed .*\[ray\]"):
        build_app({})
