from __future__ import annotations

import pytest

from imagemood.acumos import push as push_module
from imagemood.acumos.account import Credentials, Destination
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.acumos.push import push
from imagemood.errors import InputError, RemoteError
from tests.acumos.onboarding import FRESH, IMAGE, NAME, PASSWORD, TOKEN


@pytest.fixture(scope="module")
def bundle_dir(tmp_path_factory):
    path = tmp_path_factory.mktemp("acumos") / "bundle"
    dump(path, options=BundleOptions(license="Apache-2.0"))
    return path


def parts_of(request):
    """Parse a multipart body, and return the headers and the content of each part."""
    _, headers, body = request
    kind, boundary = headers["Content-Type"].split("; boundary=")
    assert kind == "multipart/form-data"
    pieces = body.split(f"--{boundary}".encode())
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    parts = {}
    for piece in pieces[1:-1]:
        head, content = piece.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        name = lines["Content-Disposition"].split('name="')[1].split('"')[0]
        parts[name] = (lines, content.removesuffix(b"\r\n"))
    return parts


def test_the_request_has_the_headers_and_parts_of_the_api(server, bundle_dir):
    sent = []
    uri = push(
        bundle_dir,
        Destination(f"{server.address}/push", deploy=False),
        Credentials(TOKEN),
        progress=lambda *step: sent.append(step),
    )
    assert uri == IMAGE
    (request,) = server.requests
    headers = {name.lower(): value for name, value in request[1].items()}
    assert headers["authorization"] == TOKEN
    assert headers["iscreatemicroservice"] == "true"
    assert headers["deploy"] == "false"
    parts = parts_of(request)
    expected = {
        "model": ("model.zip", "application/zip"),
        "metadata": ("metadata.json", "application/json"),
        "schema": ("model.proto", "text/plain"),
        "license": ("license.json", "application/json"),
    }
    assert list(parts) == list(expected)
    for part, (name, kind) in expected.items():
        lines, content = parts[part]
        assert lines["Content-Disposition"] == f'form-data; name="{part}"; filename="{name}"'
        assert lines["Content-Type"] == kind
        assert content == (bundle_dir / name).read_bytes()
    n_bytes = sum((bundle_dir / name).stat().st_size for name, _ in expected.values())
    assert sent[-1] == (n_bytes, n_bytes)


@pytest.mark.parametrize(
    ("microservice", "deploy", "expected"),
    [(False, False, ("false", "false")), (True, True, ("true", "true")), (False, True, ("true", "true"))],
)
def test_options_are_sent_as_headers(server, bundle_dir, microservice, deploy, expected):
    to = Destination(f"{server.address}/push", create_microservice=microservice, deploy=deploy)
    push(bundle_dir, to, Credentials(TOKEN))
    headers = {name.lower(): value for name, value in server.requests[0][1].items()}
    assert (headers["iscreatemicroservice"], headers["deploy"]) == expected


def test_user_name_and_password_are_exchanged_for_a_token(server, bundle_dir):
    to = Destination(f"{server.address}/push", f"{server.address}/auth")
    push(bundle_dir, to, Credentials(None, NAME, PASSWORD))
    assert [path for path, _, _ in server.requests] == ["/auth", "/push"]
    assert server.requests[0][1]["Content-Type"] == "application/json"
    assert server.requests[1][1]["Authorization"] == FRESH


def test_one_retry_with_a_new_token_after_401(server, bundle_dir):
    server.accepts = {FRESH}
    to = Destination(f"{server.address}/push", f"{server.address}/auth")
    assert push(bundle_dir, to, Credentials(TOKEN, NAME, PASSWORD)) == IMAGE
    assert [path for path, _, _ in server.requests] == ["/push", "/auth", "/push"]
    first, _, second = server.requests
    assert parts_of(first) == parts_of(second)


def test_there_is_no_second_retry(server, bundle_dir):
    server.accepts = set()
    to = Destination(f"{server.address}/push", f"{server.address}/auth")
    with pytest.raises(RemoteError, match="401 Unauthorized") as caught:
        push(bundle_dir, to, Credentials(TOKEN, NAME, PASSWORD))
    assert [path for path, _, _ in server.requests] == ["/push", "/auth", "/push"]
    for secret in (TOKEN, FRESH, PASSWORD):
        assert secret not in str(caught.value)


def test_a_rejected_token_without_a_password_is_neither_retried_nor_shown(server, bundle_dir):
    server.accepts = set()
    with pytest.raises(RemoteError, match=r"/push: the server responded with 401 .*bad token \*\*\*") as caught:
        push(bundle_dir, Destination(f"{server.address}/push"), Credentials(TOKEN))
    assert TOKEN not in str(caught.value)
    assert len(server.requests) == 1


def test_a_wrong_password_is_not_shown(server, bundle_dir):
    to = Destination(f"{server.address}/push", f"{server.address}/auth")
    credentials = Credentials(None, NAME, "wrong")
    with pytest.raises(RemoteError, match=r"/auth: the server responded with 403") as caught:
        push(bundle_dir, to, credentials)
    assert "wrong" not in repr(credentials)
    assert "wrong password" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 413, 500, 503])
def test_errors_contain_the_status_and_the_message_of_the_server(server, bundle_dir, status):
    server.statuses, server.response = [status], "model name\nis taken"
    with pytest.raises(RemoteError, match=f"/push: the server responded with {status} .*: model name is taken"):
        push(bundle_dir, Destination(f"{server.address}/push"), Credentials(TOKEN))
    assert len(server.requests) == 1


def test_redirects_are_not_followed(server, bundle_dir):
    server.statuses = [302]
    with pytest.raises(RemoteError, match="the server redirects to https://elsewhere.example.org/"):
        push(bundle_dir, Destination(f"{server.address}/push"), Credentials(TOKEN))


def test_an_unreachable_server(bundle_dir):
    with pytest.raises(RemoteError, match="http://127.0.0.1:1/push: cannot connect: .*refused"):
        push(bundle_dir, Destination("http://127.0.0.1:1/push"), Credentials(TOKEN))


@pytest.mark.parametrize(("path", "token"), [("\udcff", TOKEN), ("push", "\udcff"), ("push", "größe")])
def test_addresses_and_tokens_with_invalid_characters(server, bundle_dir, path, token):
    with pytest.raises(InputError, match="the address or the token has invalid characters"):
        push(bundle_dir, Destination(f"{server.address}/{path}"), Credentials(token))


def test_a_response_after_the_timeout(server, bundle_dir, monkeypatch):
    monkeypatch.setattr(push_module, "RESPONSE_TIMEOUT_S", 0.2)
    server.delay_s = 1.0
    with pytest.raises(RemoteError, match="the server did not respond in time"):
        push(bundle_dir, Destination(f"{server.address}/push"), Credentials(TOKEN))


@pytest.mark.parametrize("response", ["", "fine", "[]", '{"status": "SUCCESS"}'])
def test_responses_without_an_image(server, bundle_dir, response):
    server.response = response
    assert push(bundle_dir, Destination(f"{server.address}/push"), Credentials(TOKEN)) is None


@pytest.mark.parametrize("response", ["", "[]", "{}", '{"jwtToken": null}'])
def test_authentication_responses_without_a_token(server, bundle_dir, response):
    server.auth_response = response
    to = Destination(f"{server.address}/push", f"{server.address}/auth")
    with pytest.raises(RemoteError, match="/auth: the response contains no jwtToken"):
        push(bundle_dir, to, Credentials(None, NAME, PASSWORD))


@pytest.mark.parametrize(
    ("credentials", "message"),
    [
        (Credentials(), "no credentials .set ACUMOS_TOKEN"),
        (Credentials(None, NAME), "no credentials"),
        (Credentials(None, NAME, PASSWORD), "no authentication address"),
    ],
)
def test_missing_credentials(server, bundle_dir, credentials, message):
    with pytest.raises(InputError, match=message):
        push(bundle_dir, Destination(f"{server.address}/push"), credentials)
    assert server.requests == []


def test_a_directory_that_is_not_a_bundle(tmp_path):
    with pytest.raises(InputError, match=r"model\.zip: No such file .*write a bundle with imagemood acumos dump"):
        push(tmp_path, Destination("http://127.0.0.1:1"), Credentials(TOKEN))
