from __future__ import annotations

import asyncio
import base64
import json
import re
from urllib.parse import quote

import httpx
import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.bodies import Body
from imagemood.serve.schemas.v1 import MoodsRequest
from imagemood.serve.settings import Limits
from imagemood.serve.uploads import parse_inputs, read_pictures

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def read(local_service, body, content_type):
    headers = [(b"content-type", content_type.encode())] if content_type is not None else []
    request = Request({"type": "http", "method": "POST", "headers": headers})
    with local_service.memory.hold(20_000_000) as held:
        return asyncio.run(read_pictures(local_service, request, Body(body, held)))


@pytest.mark.parametrize(
    "content_type",
    [None, "image/jpeg", "IMAGE/x-odd; q=1", "application/octet-stream", "application/x-www-form-urlencoded"],
)
def test_the_body_is_the_picture(local_service, content_type):
    (picture,) = read(local_service, b"content", content_type)
    assert (picture.name, picture.read()) == ("image", b"content")


@given(
    st.lists(st.tuples(st.text("abc ü.", min_size=1, max_size=9), st.binary(max_size=50)), min_size=1, max_size=9)
)
def test_the_files_of_a_form_are_the_pictures(local_service, files):
    form = httpx.Request("POST", "http://x", files=[("f", file) for file in files])
    form.read()
    found = read(local_service, form.content, form.headers["Content-Type"])
    assert [(picture.name, picture.read()) for picture in found] == files


def test_other_fields_of_a_form_are_ignored_and_long_names_shortened(local_service):
    form = httpx.Request("POST", "http://x", data={"a": "b"}, files=[("f", ("n" * 600, b"x"))])
    form.read()
    (picture,) = read(local_service, form.content, form.headers["Content-Type"])
    assert picture.name == "n" * 500


@given(st.binary(max_size=200))
def test_invalid_forms_are_a_problem(local_service, body):
    with pytest.raises(Problem) as caught:
        read(local_service, body, "multipart/form-data; boundary=b")
    assert caught.value.status == 422


@given(
    st.lists(
        st.tuples(st.text(max_size=20) | st.none(), st.binary(max_size=50), st.booleans()), min_size=1, max_size=9
    )
)
def test_pictures_in_json_are_decoded(local_service, entries):
    images = []
    for name, content, broken_into_lines in entries:
        encode = base64.encodebytes if broken_into_lines else base64.b64encode
        images.append({"base64": encode(content).decode(), **({} if name is None else {"name": name})})
    found = read(local_service, json.dumps({"images": images}).encode(), "application/json")
    assert [(picture.name, picture.read()) for picture in found] == [
        (name or "image", content) for name, content, _ in entries
    ]


@given(JSON_VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50))
def test_other_json_and_other_bytes_are_a_problem(body):
    with pytest.raises(Problem) as caught:
        parse_inputs(body, Limits())
    assert caught.value.status == 422


@given(JSON_VALUES.map(lambda value: {"images": [{"base64": value}]}))
def test_json_of_the_right_form_is_parsed_or_a_problem(value):
    try:
        (entry,) = parse_inputs(json.dumps(value).encode(), Limits())
    except Problem as problem:
        assert problem.status == 422  # noqa: PT017
    else:
        (checked,) = MoodsRequest.model_validate(value).images
        assert base64.b64encode(entry.content).decode() == "".join(checked.base64.split())


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b"x", "text/plain", 415, "unsupported Content-Type: text/plain; send image/*, multipart/form-data or"),
        (b"{", "application/json", 422, "the body is not valid JSON"),
        (b"[" * 100_000, "application/json", 422, "the body is not valid JSON"),
        (b'{"images": []}', "application/json", 422, "images: list should have at least 1 item"),
        (b'{"images": [{}]}', "application/json", 422, "each picture must have either base64 or url"),
        (b'{"images": [{"base64": "", "url": "x"}]}', "application/json", 422, "either base64 or url"),
        (b'{"images": [{"base64": "%%%"}]}', "application/json", 422, "a picture is not valid base64"),
        (
            b'{"images": [{"bytes": ""}]}',
            "application/json",
            422,
            "images.0.bytes: extra inputs are not permitted",
        ),
        (b"x", "multipart/form-data", 422, "the body is not valid multipart/form-data: missing boundary in"),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 422, "the request contains no pictures"),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="\xff"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b; charset=undefined",
            422,
            "the body is not valid multipart/form-data: unknown charset",
        ),
        (
            json.dumps({"images": [{"base64": ""}] * 33}).encode(),
            "application/json",
            413,
            "the request has 33 pictures; the limit is 32",
        ),
    ],
)
def test_problems_of_a_request(local_service, body, content_type, status, message):
    with pytest.raises(Problem) as caught:
        read(local_service, body, content_type)
    assert caught.value.status == status
    assert message in caught.value.detail


def test_a_url_is_an_error_of_its_picture_unless_allowed(local_service):
    body = json.dumps({"images": [{"url": "http://a.example/x.png"}, {"base64": "eA==", "name": "x"}]}).encode()
    refused, given_directly = read(local_service, body, "application/json")
    assert refused.name == "http://a.example/x.png"
    assert str(refused.error) == "fetching pictures by URL is disabled (send the picture itself)"
    assert given_directly.read() == b"x"


class FakeSite:
    """Replaces the servers that a test cannot reach."""

    async def fetch(self, url, receive):
        receive(len(url))
        if url.endswith("absent.png"):
            raise InputError("not found", where=url)
        return url.encode()


def test_pictures_by_url_are_fetched(local_service, monkeypatch):
    monkeypatch.setattr(local_service, "fetcher", FakeSite())
    urls = ["https://a.example/x.png", "https://a.example/absent.png"]
    body = json.dumps({"images": [{"url": url, "name": f"picture {i}"} for i, url in enumerate(urls)]}).encode()
    found, absent = read(local_service, body, "application/json")
    assert (found.name, found.read()) == ("picture 0", urls[0].encode())
    assert (absent.name, str(absent.error)) == ("picture 1", f"{urls[1]}: not found")


def test_too_many_pixels_are_refused_before_decoding(local_service, megapixel_png, monkeypatch):
    from dataclasses import replace

    settings = local_service.settings
    tight = replace(settings, limits=replace(settings.limits, max_pixels=999_999))
    monkeypatch.setattr(local_service, "settings", tight)
    form = httpx.Request("POST", "http://x", files=[("f", ("a.png", megapixel_png))])
    form.read()
    encoded = json.dumps({"images": [{"base64": base64.b64encode(megapixel_png).decode()}]}).encode()
    for body, content_type in (
        (megapixel_png, "image/png"),
        (form.content, form.headers["Content-Type"]),
        (encoded, "application/json"),
    ):
        (picture,) = read(local_service, body, content_type)
        with pytest.raises(InputError, match="1000×1000"):
            picture.decode()


def test_data_urls_need_no_permission(local_service):
    long = "data:;base64," + base64.b64encode(bytes(9000)).decode()
    urls = ["data:image/png;base64,cGljdHVyZQ==", long, "data:image/png;base64,%"]
    body = json.dumps({"images": [{"url": url} for url in urls]}).encode()
    small, large, invalid = read(local_service, body, "application/json")
    assert (small.read(), large.read()) == (b"picture", bytes(9000))
    assert small.name.startswith("data:image/png (SHA-256 ")
    assert "not valid base64" in str(invalid.error)


def test_base64_fields_may_contain_data_urls(local_service, photos):
    content = photos["rocket.jpg"]
    encoded = base64.b64encode(content).decode()
    forms = [
        encoded,
        f"data:image/jpeg;base64,{encoded}",
        f" DATA:image/jpeg;charset=utf-8;name=a.jpg;BASE64,{encoded}",
        f'"data:;base64,{encoded}"',
        f"data:application/octet-stream;base64,{quote(encoded)}",
        f"data:image/jpeg,{quote(content)}",
        "\n".join(re.findall(".{1,76}", encoded)),
        encoded.replace("+", "-").replace("/", "_").rstrip("="),
    ]
    body = json.dumps({"images": [{"base64": form, "name": "a"} for form in forms]}).encode()
    assert [picture.read() for picture in read(local_service, body, "application/json")] == [content] * len(forms)


@pytest.mark.parametrize("field", ["base64", "url"])
@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("data:text/html,hello", "a data URL of the type text/html, not of a picture"),
        ("data:application/json;base64,e30=", "a data URL of the type application/json, not of a picture"),
        ("data:image/png;base64,%%%", "not valid base64"),
        ("data:image/png;base64", "not a valid data URL"),
    ],
)
def test_other_data_urls_are_the_error_of_their_picture(local_service, field, url, message):
    body = json.dumps({"images": [{field: url}, {"base64": "eA=="}]}).encode()
    invalid, other = read(local_service, body, "application/json")
    assert message in str(invalid.error)
    assert other.read() == b"x"


def test_passwords_in_urls_are_not_returned(local_service):
    body = json.dumps({"images": [{"url": "https://me:secret@a.example/x.png"}]}).encode()
    (picture,) = read(local_service, body, "application/json")
    assert picture.name == "https://***@a.example/x.png"
    assert "secret" not in str(picture.error)


def test_a_long_url_is_an_error_of_its_picture(local_service, monkeypatch):
    monkeypatch.setattr(local_service, "fetcher", FakeSite())
    urls = ["https://a.example/" + "x" * 2000, "https://a.example/" + "x" * 1900]
    body = json.dumps({"images": [{"url": url} for url in urls]}).encode()
    refused, found = read(local_service, body, "application/json")
    assert str(refused.error) == "a URL may have at most 2000 characters"
    assert refused.name == urls[0][:500]
    assert (found.name, found.read()) == (urls[1], urls[1].encode())


class LargeSite:
    """Sends ten million bytes for each URL."""

    async def fetch(self, url, receive):
        for _ in range(10):
            receive(1_000_000)
            await asyncio.sleep(0)
        return url.encode()


def test_fetched_pictures_count_as_parts_of_the_request(local_service, monkeypatch):
    monkeypatch.setattr(local_service, "fetcher", LargeSite())
    body = json.dumps({"images": [{"url": f"https://a.example/{i}.png"} for i in range(32)]}).encode()
    pictures = read(local_service, body, "application/json")
    errors = [str(picture.error) for picture in pictures if picture.error is not None]
    assert len(errors) >= 31
    assert set(errors) == {"too large: the request and its pictures exceed 20,000,000 bytes"}
    assert local_service.memory.n_bytes == 0


class SlowSite:
    """Never responds."""

    async def fetch(self, *_):
        await asyncio.Event().wait()


def test_all_pictures_of_a_request_must_be_fetched_in_time(local_service, monkeypatch):
    from dataclasses import replace

    settings = local_service.settings
    impatient = replace(settings, limits=replace(settings.limits, body_timeout_s=0.05))
    monkeypatch.setattr(local_service, "settings", impatient)
    monkeypatch.setattr(local_service, "fetcher", SlowSite())
    body = json.dumps({"images": [{"url": f"https://a.example/{i}.png"} for i in range(32)]}).encode()
    errors = [str(picture.error) for picture in read(local_service, body, "application/json")]
    assert errors == [f"https://a.example/{i}.png: the server did not respond in time" for i in range(32)]


@pytest.mark.parametrize("n_values", [1_000, 1_000_000])
def test_too_many_pictures_are_refused_before_they_are_checked(local_service, n_values):
    body = json.dumps({"images": [0] * n_values}).encode()
    with pytest.raises(Problem) as caught:
        read(local_service, body, "application/json")
    assert caught.value.status == 413
    expected = "the request has 1,000 pictures; the limit is 32"
    assert caught.value.detail == (expected if n_values == 1_000 else "the body has more than 100,000 values")


def test_of_many_errors_only_the_first_one_is_reported(local_service):
    body = json.dumps({"images": [{"x" * 1000: 1, "y" * 1000: 2}] * 32}).encode()
    with pytest.raises(Problem) as caught:
        read(local_service, body, "application/json")
    assert caught.value.status == 422
    assert caught.value.detail.startswith("images.0.xxx")
    assert len(caught.value.detail) == 1001
