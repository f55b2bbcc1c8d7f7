"""The service behind the real nginx and Caddy, at / and under a prefix."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import ssl
import subprocess
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import FOLDER
from tests.certificates import server_context
from tests.chromium import chromium
from tests.deploy.proxies import DEPLOY, caddy, nginx, nginx_command, program
from tests.serve.serving import AUTHORIZATION, PROTOBUF, TOKEN, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service with a token, which uses the headers of proxies on this machine."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "token").write_text(TOKEN)
    with serving(folder, "--token-file", "token", "--forwarded-allow-ips", "127.0.0.1") as running:
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


def test_streams_of_any_size_are_passed_on(site):
    """The service responds when the request is complete, since proxies may not forward the rest otherwise."""
    client, folder = site
    content = (FOLDER / "cat.jpg").read_bytes()
    line = json.dumps({"base64": base64.b64encode(content + bytes(1_000_000)).decode()}).encode() + b"\n"
    (folder / "lines").write_bytes(20 * line)
    assert 20 * len(line) > 25_000_000
    headers = {**AUTHORIZATION, "Content-Type": "application/x-ndjson"}
    options = [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]
    command = ["curl", "-skN", "--http1.1", "--data-binary", f"@{folder / 'lines'}", *options]
    result = subprocess.run([*command, f"{client.base_url}v1/moods/stream?top=1"], check=True, capture_output=True)
    *answers, last = map(json.loads, result.stdout.splitlines())
    assert last["summary"]["pictures"] == 20, last
    assert {tuple(answer["moods"]) for answer in answers} == {("contentment",)}


def test_a_body_that_is_too_large_for_the_service_alone_has_the_status_of_the_service(site):
    """The client of the standard library fails if a connection is closed while it sends."""
    client, _ = site
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    address = client.base_url.host, client.base_url.port
    headers = {**AUTHORIZATION, "Content-Type": PROTOBUF, "Transfer-Encoding": "chunked"}
    for n_chunks in (9, 18):
        chunks = (bytes(1_000_000) for _ in range(n_chunks))
        with contextlib.closing(http.client.HTTPSConnection(*address, timeout=30, context=context)) as connection:
            connection.request("POST", f"{client.base_url.path}classify", chunks, headers, encode_chunked=True)
            response = connection.getresponse()
            assert response.status == 413
            assert json.load(response)["detail"] == "the body is larger than 8,000,000 bytes"


def test_the_service_knows_its_prefix(site):
    client, _ = site
    prefix = client.base_url.path.rstrip("/")
    # The headers that a client sends do not reach the service.
    forged = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4"}
    document = client.get("openapi.json", headers=forged)
    (server,) = document.json()["servers"]
    assert urljoin(str(document.url), server["url"]).rstrip("/") == str(client.base_url).rstrip("/")
    sample = client.get("v1/samples", headers=AUTHORIZATION | forged).json()[0]
    assert sample["url"] == f"{prefix}/v1/samples/{sample['name']}"
    picture = client.get(urljoin(str(client.base_url), sample["url"]), headers=AUTHORIZATION)
    assert picture.headers["Content-Type"] == "image/jpeg"


def test_the_log_has_the_client_of_the_proxy(site, service):
    client, _ = site
    request_id = client.get("healthz", headers={"X-Forwarded-For": "1.2.3.4"}).headers["X-Request-ID"]
    (line,) = [line for line in service.log.read_text().splitlines() if request_id in line]
    assert json.loads(line)["client"] == "127.0.0.1"
    direct = service.get("/healthz", headers={"X-Forwarded-For": "10.9.8.7", "X-Request-ID": "from-here"})
    assert direct.status_code == 200
    assert '"id": "from-here", "client": "10.9.8.7"' in service.log.read_text()


def test_other_hosts_and_pages_of_other_sites_are_refused(site):
    client, _ = site
    foreign = client.get("v1/labels", headers={**AUTHORIZATION, "Host": "attacker.example"})
    # Caddy itself has no site with this name.
    assert foreign.status_code == 421 or (foreign.status_code, foreign.content) == (200, b"")
    own = {**AUTHORIZATION, "Origin": f"https://localhost:{client.base_url.port}"}
    other = {**AUTHORIZATION, "Origin": "https://attacker.example"}
    cross_site, same_origin = {**other, "Sec-Fetch-Site": "cross-site"}, {**own, "Sec-Fetch-Site": "same-origin"}
    statuses = [
        client.post("v1/moods", content=b"x", headers=headers).status_code
        for headers in (own, other, cross_site, same_origin)
    ]
    assert statuses == [422, 403, 403, 422]


def test_head_and_unchanged_content_pass_through(site):
    client, _ = site
    for path in ("healthz", ""):
        assert client.head(path).status_code == 200
    labels = client.get("v1/labels", headers=AUTHORIZATION)
    assert labels.headers["Content-Encoding"] == "gzip"
    cached = client.get("v1/labels", headers={**AUTHORIZATION, "If-None-Match": labels.headers["ETag"]})
    assert cached.status_code == 304


@pytest.fixture(scope="module")
def tls_service(tmp_path_factory):
    """A running service with TLS, a token and a prefix, and a client that trusts it and sends the token."""
    folder = tmp_path_factory.mktemp("tls")
    server_context(folder)
    context = ssl.create_default_context(cafile=folder / "authority.pem")
    (folder / "token").write_text(TOKEN)
    options = ("--ssl-certfile", "server.pem", "--token-file", "token", "--root-path", "/moods/", "--max-mb", "1")
    with (
        serving(folder, *options, tls=context) as running,
        httpx.Client(verify=context, timeout=60, headers=AUTHORIZATION) as client,
    ):
        yield running, client


def test_a_service_with_tls_and_a_prefix_that_nothing_removes(tls_service):
    service, client = tls_service
    assert service.address.startswith("https://")
    for prefix in ("", "/moods"):
        document = client.get(f"{service.address}{prefix}/openapi.json").json()
        assert document["servers"][0]["url"] == "/moods"
        sample = client.get(f"{service.address}{prefix}/v1/samples").json()[0]
        assert client.get(service.address + sample["thumbnail"]).status_code == 200
        moods = client.post(f"{service.address}{prefix}/v1/moods", content=(FOLDER / "cat.jpg").read_bytes())
        assert moods.status_code == 200
        assert service.get(f"{prefix}/healthz").status_code == 200
        assert service.get(f"{prefix}/v1/labels").status_code == 401
    redirect = client.get(f"{service.address}/moods")
    assert (redirect.status_code, redirect.headers["Location"]) == (308, "/moods/")
    assert client.get(f"{service.address}/moods/").headers["Content-Type"].startswith("text/html")


def test_with_tls_a_client_that_still_sends_a_body_receives_the_response(tls_service):
    service, _ = tls_service
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    headers = {**AUTHORIZATION, "Transfer-Encoding": "chunked"}
    for path, status in (("/v1/moods", 413), ("/nowhere", 404)):
        with contextlib.closing(
            http.client.HTTPSConnection("127.0.0.1", service.port, timeout=30, context=context)
        ) as connection:
            connection.request("POST", path, (bytes(500_000) for _ in range(8)), headers, encode_chunked=True)
            assert connection.getresponse().status == status


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


def test_the_page_of_the_api_works_under_a_prefix(service, tmp_path):
    with nginx(tmp_path, "prefix.conf", service.port) as (address, _), chromium() as browser:
        page = browser.new_page(ignore_https_errors=True)
        requests, messages = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: messages.append(message.text))  # such as violations of the policy
        page.goto(f"{address}/moods/docs")
        page.locator("#operations-Moods-get_labels .opblock-summary-control").click()
        example = page.locator(".code-samples pre")
        expect(example).to_contain_text(f"curl '{address}/moods/v1/labels' -H \"Authorization: Bearer $TOKEN\"")
        page.get_by_role("tab", name="Python").click()
        expect(example).to_contain_text(f'"{address}/moods/v1/labels"')
        page.get_by_role("tab", name="JavaScript").click()
        expect(example).to_contain_text(f'await fetch("{address}/moods/v1/labels"')
        page.get_by_role("button", name="Authorize").first.click()
        page.locator(".auth-container input").fill(TOKEN)
        page.locator(".auth-btn-wrapper .authorize").click()
        page.locator(".btn-done").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
        assert all(url.startswith((f"{address}/moods/", "data:")) for url in requests)
        assert messages == []


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
