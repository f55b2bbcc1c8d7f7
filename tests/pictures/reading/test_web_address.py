"""The expected values are those of the URL standard (url.spec.whatwg.org), which browsers follow."""

from __future__ import annotations

import base64
import ipaddress
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.pictures.reading.web_address import parse


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://h/a b.jpg", "http://h/a%20b.jpg"),
        ("http://h/a%20b%2Fc%.jpg?100%&d=%zz", "http://h/a%20b%2Fc%.jpg?100%&d=%zz"),
        ("http://h/ü/u\u0308.jpg?ü=ü b", "http://h/%C3%BC/u%CC%88.jpg?%C3%BC=%C3%BC%20b"),
        ("http://h/\U0001f600", "http://h/%F0%9F%98%80"),
        ("http://h/\udce9.jpg", "http://h/%E9.jpg"),  # bytes of the command line that are not valid UTF-8
        ("http://h/a#b?c", "http://h/a"),
        ("http://h/a?b#c", "http://h/a?b"),
        ("http://h?a=b", "http://h?a=b"),
        ("http://h/a?b?c/d\\e:f@g", "http://h/a?b?c/d\\e:f@g"),
        ("http://h/<a>`{b}\"'", "http://h/%3Ca%3E%60%7Bb%7D%22'"),
        ("http://h/a[1];b=c,d|e~f!$&()*+:@", "http://h/a[1];b=c,d|e~f!$&()*+:@"),
        ("http://h/a?b='<c>\"", "http://h/a?b=%27%3Cc%3E%22"),
        ("HTTPS://EXAMPLE.org/A.jpg", "https://example.org/A.jpg"),
        ("http:/h/a.jpg", "http://h/a.jpg"),
        ("http:///h/a.jpg", "http://h/a.jpg"),
        ("https:\\\\h\\a\\b.jpg?c\\d", "https://h/a/b.jpg?c\\d"),
        ("http://h:/a.jpg", "http://h/a.jpg"),
        ("http://h:8080/a.jpg", "http://h:8080/a.jpg"),
        ("http://example.org./a.jpg", "http://example.org./a.jpg"),
        ("http://[::1]:8080/a.jpg", "http://[::1]:8080/a.jpg"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://faß.de/", "http://xn--fa-hia.de/"),
        ("http://☃.net/", "http://xn--n3h.net/"),
        ("http://日本語。ＪＰ/", "http://xn--wgv71a119e.jp/"),
        ("http://a_b.example/", "http://a_b.example/"),
        ("http://ex%61mple.org/", "http://example.org/"),
        ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
    ],
)
def test_urls(address, url):
    assert parse(address).url == url
    assert parse(url).url == url
    assert parse(address).authorization is None
    path = re.fullmatch(r"https?://[^/?]*(.*)", url)[1]
    assert httpx.URL(url).raw_path.decode() == (path if path.startswith("/") else f"/{path}")


@pytest.mark.parametrize(
    ("user_info", "credentials"),
    [
        ("me:secret", b"me:secret"),
        ("me", b"me:"),
        (":secret", b":secret"),
        ("me:", b"me:"),
        ("a%40b:p%3Aq%2Fr", b"a@b:p:q/r"),
        ("me@example.org:p@ss:word", b"me@example.org:p@ss:word"),
        ("grüße:pass wort", "grüße:pass wort".encode()),
        ("100%:%", b"100%:%"),
    ],
)
def test_credentials(user_info, credentials):
    found = parse(f"https://{user_info}@h:8080/a@b.jpg")
    assert found.url == "https://h:8080/a@b.jpg"
    assert found.authorization == f"Basic {base64.b64encode(credentials).decode()}"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "not an HTTP(S) URL"),
        ("/etc/passwd", "not an HTTP(S) URL"),
        ("file:///etc/passwd", "not an HTTP(S) URL"),
        ("http://", "no host name"),
        ("http:///", "no host name"),
        ("http://?a", "no host name"),
        ("http://me@/a", "no host name"),
        ("http://h:port/a", "invalid port"),
        ("http://h:65536/a", "invalid port"),
        ("http://h:-1/a", "invalid port"),
        ("http://h:٣/a", "invalid port"),
        ("http://[::1]x/a", "invalid port"),
        ("http://[::1%25eth0]/a", "invalid host name"),
        ("http://[example.org]/a", "invalid host name"),
        ("http://[\x80", "invalid host name"),
        ("http://[::1", "invalid host name"),
        ("http://a b/", "invalid host name"),
        ("http://a<b>/", "invalid host name"),
        ('http://a"b/', "invalid host name"),
        ("http://a%00b/", "invalid host name"),
        ("http://a%2Fb/", "invalid host name"),
        ("http://a..b/", "invalid host name"),
        ("http://.a/", "invalid host name"),
        (f"http://{'a' * 64}.example/", "invalid host name"),
        (f"http://{'ü' * 64}.example/", "invalid host name"),
        ("http://a\ufffd/", "invalid host name"),
        ("http://%ff/", "invalid characters"),
        ("http://\ud800/", "invalid characters"),
        (f"http://h/{'a' * 70_000}", "too long"),
    ],
)
def test_invalid_urls(address, message):
    with pytest.raises(InputError) as caught:
        parse(address)
    assert caught.value.what == f"not a valid URL: {message}"


@given(st.text(max_size=30) | st.text(max_size=30).map(lambda text: f"http://{text}"))
def test_any_text_becomes_an_ascii_url_or_an_expected_error(text):
    try:
        found = parse(text)
    except InputError:
        return
    assert found.url.isascii()
    assert not set(found.url) & set(' "<>\n\t')
    assert parse(found.url).url == found.url


@given(st.ip_addresses(v=6))
def test_ipv6_addresses(address):
    assert ipaddress.ip_address(httpx.URL(parse(f"http://[{address}]:81/a").url).host) == address
