"""The service behind the real nginx and Caddy, at / and under a prefix."""

from __future__ import annotations

import os
import re
import ssl
import subprocess

import httpx
import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import FOLDER
from tests.chromium import chromium
from tests.deploy.proxies import DEPLOY, caddy, nginx, nginx_command, program
from tests.serve.serving import AUTHORIZATION, TOKEN, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service with a token."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "token").write_text(TOKEN)
    with serving(folder, "--token-file", "token") as running:
        yield running


@pytest.fixture(
    scope="module",
    params=[
        (nginx, "root.conf", "/"),
        (nginx, "prefix.conf", "/moods/"),
        (caddy, "root.Caddyfile", "/"),
        (caddy, "prefix.Caddyfile", "/moods/"),
    ],
    ids=lambda values: f"{values[0].__name__}-{values[1].partition('.')[0]}",
)
def site(request, service, tmp_path_factory):
    """A client of a proxy in front of the service, whose base URL is that of the service."""
    proxy, name, prefix = request.param
    folder = tmp_path_factory.mktemp("proxy")
    with proxy(folder, name, service.port) as (address, authority):
        context = ssl.create_default_context()
        # Caddy creates its authority while it starts.
        context.load_verify_locations(authority)
        with httpx.Client(base_url=address + prefix, verify=context, timeout=60) as client:
            yield client, folder


def test_the_page_and_its_files_are_served(site):
    client, _ = site
    page = client.get("")
    assert page.status_code == 200
    names = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(names) >= 3
    for name in names:
        assert name.startswith("./")
        response = client.get(name)
        assert response.status_code == 200
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_pictures_are_classified_and_not_stored(site, service):
    client, folder = site
    cat = (FOLDER / "cat.jpg").read_bytes()
    # With bytes after its end, the picture is larger than nginx accepts by default, and than it keeps in memory.
    large = cat + bytes(3_000_000)
    response = client.post("v1/moods?top=1", content=large, headers=AUTHORIZATION)
    assert response.status_code == 200
    assert list(response.json()["results"][0]["moods"]) == ["contentment"]
    assert re.search(rf'"id": "{response.headers["X-Request-ID"]}".*"path": "/v1/moods"', service.log.read_text())
    stored = [file for name in ("bodies", "responses") for file in (folder / name).rglob("*") if file.is_file()]
    assert not stored


def test_errors_have_the_same_status_as_those_of_the_service(site, service):
    client, _ = site
    for content, headers in ((b"", {}), (b"GIF89a", AUTHORIZATION), (bytes(20_000_001), AUTHORIZATION)):
        direct = service.post("/v1/moods", content=content, headers=headers)
        response = client.post("v1/moods", content=content, headers=headers)
        assert response.status_code == direct.status_code
        assert direct.status_code == 413 or response.json() == direct.json()
    in_parts = client.post("v1/moods", content=(bytes(1_000_001) for _ in range(20)), headers=AUTHORIZATION)
    assert in_parts.status_code == 413


def test_the_largest_requests_are_passed_on(site):
    client, _ = site
    content = (FOLDER / "cat.jpg").read_bytes()
    content += bytes(20_000_000 - len(content))
    assert client.post("v1/moods", content=content, headers=AUTHORIZATION).status_code == 200


def test_a_slash_at_the_end_of_a_path_is_not_redirected(site):
    client, _ = site
    for response in (
        client.get("v1/labels/", headers=AUTHORIZATION),
        client.post("v1/moods/", headers=AUTHORIZATION),
    ):
        assert response.status_code == 404
        assert "Location" not in response.headers


def test_a_prefix_without_its_slash_is_redirected(site):
    client, _ = site
    if not client.base_url.path.startswith("/moods"):
        assert client.get("moods", headers=AUTHORIZATION).status_code == 404
        return
    response = client.get(f"https://localhost:{client.base_url.port}/moods")
    assert response.status_code in (302, 308)
    assert response.headers["Location"] == "/moods/"
    assert client.get(f"https://localhost:{client.base_url.port}/").text.count('id="app"') == 0


def test_the_page_works_under_a_prefix(service, tmp_path):
    with nginx(tmp_path, "prefix.conf", service.port) as (address, _), chromium() as browser:
        page = browser.new_page(ignore_https_errors=True)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{address}/moods/")
        page.get_by_label("token").fill(TOKEN)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Chelsea the cat").click()
        expect(page.locator(".tags tr").first).to_be_visible(timeout=15_000)
        assert all(url.startswith((f"{address}/moods/", "data:", "blob:")) for url in requests)


@pytest.mark.parametrize("name", ["root.conf", "prefix.conf"])
def test_nginx_accepts_the_configuration(name, tmp_path):
    command = nginx_command(tmp_path, name, 8887, 8443)
    done = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.mark.parametrize("name", ["root.Caddyfile", "prefix.Caddyfile"])
def test_caddy_accepts_the_configuration(name, tmp_path):
    file = DEPLOY / "caddy" / name
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    validate = [program("caddy"), "validate", "--adapter", "caddyfile", "--config", file]
    done = subprocess.run(validate, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '"level":"warn"' not in done.stderr
    formatted = subprocess.run([program("caddy"), "fmt", file], env=environment, capture_output=True, text=True)
    assert formatted.stdout == file.read_text("utf-8")
