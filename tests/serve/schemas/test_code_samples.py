from __future__ import annotations

import base64
import json
import shutil
import subprocess

import httpx
import pytest

from imagemood.serve.schemas.code_samples import ADDRESS

JAVASCRIPT = """
import {{ readFileSync }} from "node:fs";
const run = {{}};
globalThis.console.log = () => {{}};
{functions}
for (const [name, [sample, fileName]] of Object.entries(run)) {{
  globalThis.document = {{ querySelector: () => ({{ files: fileName && [new Blob([readFileSync(fileName)])] }}) }};
  await sample().catch((error) => process.stderr.write(`${{name}}: ${{error.message}}\\n`));
}}
"""


@pytest.fixture(scope="module")
def samples(service, photos, tmp_path_factory):
    """The examples of each language by route, for the running service, and a folder with the files."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "photo.jpg").write_bytes(photos["rocket.jpg"])
    picture = {"base64": base64.b64encode(photos["rocket.jpg"]).decode()}
    (folder / "pictures.ndjson").write_text(json.dumps(picture) + "\n")
    by_language: dict[str, dict[str, str]] = {"curl": {}, "Python": {}, "JavaScript": {}}
    for path, operations in service.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            for sample in operation["x-codeSamples"]:
                source = sample["source"].replace(ADDRESS, service.address)
                by_language[sample["label"]][f"{method} {path}"] = source
    assert len({len(found) for found in by_language.values()}) == 1
    return by_language, folder


def test_the_examples_in_python_run(samples, monkeypatch):
    by_language, folder = samples
    monkeypatch.chdir(folder)
    with httpx.Client(timeout=60) as client:  # a new one for each request would load all certificates
        monkeypatch.setattr(httpx, "get", client.get)
        monkeypatch.setattr(httpx, "post", client.post)
        for name, source in by_language["Python"].items():
            exec(compile(source, name, "exec"), {})  # noqa: S102


def test_the_examples_of_curl_run(samples):
    by_language, folder = samples
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = "\n".join(source.replace("curl ", "curl -sS --fail ", 1) for source in by_language["curl"].values())
    done = subprocess.run(["bash", "-e"], input=script, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_examples_in_javascript_run(samples):
    by_language, folder = samples
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    functions = []
    for name, source in by_language["JavaScript"].items():
        file_name = next(
            (file for file in ("pictures.ndjson", "photo.jpg") if file in by_language["curl"][name]), None
        )
        functions.append(f"run[{json.dumps(name)}] = [async () => {{\n{source}\n}}, {json.dumps(file_name)}];")
    script = JAVASCRIPT.format(functions="\n".join(functions))
    command = [node, "--no-warnings", "--input-type=module"]
    done = subprocess.run(command, input=script, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_examples_send_the_token_except_to_public_routes(limited_service):
    paths = limited_service.get("/openapi.json").json()["paths"]
    for sample in paths["/v1/moods"]["post"]["x-codeSamples"]:
        assert "Authorization" in sample["source"]
    for sample in paths["/healthz"]["get"]["x-codeSamples"]:
        assert "Authorization" not in sample["source"]
