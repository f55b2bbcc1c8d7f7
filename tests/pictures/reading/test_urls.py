from __future__ import annotations

import contextlib
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.pictures.reading import urls


@pytest.mark.parametrize(
    ("pasted", "cleaned"),
    [
        ("  https://example.org/a b.jpg\n", "https://example.org/a b.jpg"),
        ('"https://example.org/a.jpg"', "https://example.org/a.jpg"),
        ("<'https://example.org/a.jpg'>", "https://example.org/a.jpg"),
        ("“https://example.org/a.jpg”", "https://example.org/a.jpg"),
        ("„ https://example.org/a.jpg “", "https://example.org/a.jpg"),
        ("\ufeffhttps://example.org/a.jpg\u200b\xa0", "https://example.org/a.jpg"),
        ("https://example.org/long\r\n/name.jpg", "https://example.org/long/name.jpg"),
        ("< file:///a.jpg >", "file:///a.jpg"),
        (" s3://photos/a.jpg ", "s3://photos/a.jpg"),
        ("(https://example.org/a.jpg)", "(https://example.org/a.jpg)"),
        ('"https://example.org/a.jpg', '"https://example.org/a.jpg'),
        (" a.jpg ", " a.jpg "),
        (" a:b.jpg ", " a:b.jpg "),
        ("'C:/a.jpg'", "'C:/a.jpg'"),
        ("two\nlines.jpg", "two\nlines.jpg"),
        (" ", " "),
    ],
)
def test_quotes_and_spaces_around_a_pasted_url_are_removed(pasted, cleaned):
    assert urls.clean(pasted) == cleaned


@pytest.mark.parametrize(
    ("address", "is_web"),
    [
        ("http://example.org", True),
        ("HTTPS:\\\\example.org\\a.jpg", True),
        ("http:/example.org", True),
        ("http:///example.org", True),
        (' "http://example.org" ', True),
        ("http:example.org", False),
        ("http", False),
        ("xhttp://example.org", False),
        ("s3://photos", False),
        ("data:,http://", False),
        ("view-source:https://example.org", False),
    ],
)
def test_urls_of_web_servers(address, is_web):
    assert urls.is_web(address) is is_web
    assert urls.has_scheme(address) is (is_web or address.startswith(("s3:", "data:", "view-source:", "xhttp:")))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///photos/a%20b.jpg", "/photos/a b.jpg"),
        ("FILE://LOCALHOST/a.jpg", "/a.jpg"),
        ("file://127.0.0.1/a.jpg", "/a.jpg"),
        ("file:/a.jpg", "/a.jpg"),
        ("file:///100%/%2e%2E/%zz.jpg", "/100%/../%zz.jpg"),
        ("file:///caf%E9.jpg", os.fsdecode(b"/caf\xe9.jpg")),
        ("file:///caf\udce9.jpg", os.fsdecode(b"/caf\xe9.jpg")),
        ("file:///größe/ü.jpg?size=large#top", "/größe/ü.jpg"),
        (" <file:///a.jpg> ", "/a.jpg"),
        ("a.jpg", None),
        ("file:a.jpg", None),
        ("file", None),
        ("https://example.org/file:///a.jpg", None),
    ],
)
def test_paths_of_file_urls(address, path):
    assert urls.local_path(address) == path


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("file://nas/photos/a.jpg", "a file on another machine (mount its disk and give the path)"),
        ("file://nas", "not a valid file URL (write file:///PATH)"),
        ("file://", "not a valid file URL (write file:///PATH)"),
    ],
)
def test_file_urls_that_cannot_be_used(address, message):
    with pytest.raises(InputError) as caught:
        urls.local_path(address)
    assert str(caught.value) == f"{address}: {message}"


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("ftp://example.org/a.jpg", "URLs with the scheme 'ftp' are not supported"),
        ("sftp://me@example.org/a.jpg", "URLs with the scheme 'sftp' are not supported"),
        ("blob:https://example.org/9115d58c", "URLs with the scheme 'blob' are not supported"),
        ("hf://datasets/x/y.parquet", "URLs with the scheme 'hf' are not supported"),
    ],
)
def test_other_schemes(address, what):
    with pytest.raises(InputError) as caught:
        urls.check_path(address)
    assert caught.value.what == what
    assert caught.value.hint == "download the picture, or use http, https, s3, gs, az or a path"


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("www.example.org", "https://www.example.org"),
        ("example.org/a.jpg", "https://example.org/a.jpg"),
        ("//example.org/a.jpg", "https://example.org/a.jpg"),
        ("localhost:8000/a.jpg", "https://localhost:8000/a.jpg"),
        ("192.168.1.20:8080/a.jpg", "https://192.168.1.20:8080/a.jpg"),
        ("https:example.org/a.jpg", "https://example.org/a.jpg"),
    ],
)
def test_urls_without_a_scheme_or_slashes(address, hint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        urls.check_path(address)
    assert str(caught.value) == f"{address}: No such file or directory (for a URL, write {hint})"
    if not address.startswith("//"):
        (tmp_path / address).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / address).touch()
        urls.check_path(address)


@pytest.mark.parametrize(
    "address",
    [
        "a.jpg",
        "photos/a.jpg",
        "../example.org/a.jpg",
        "/example.org/a.jpg",
        "C:/a.jpg",
        "C:\\a.jpg",
        "a:b.jpg",
        "",
        "-",
    ],
)
def test_paths_are_left_to_the_operating_system(address):
    urls.check_path(address)


def test_a_missing_file_in_an_existing_folder_is_not_a_url(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.org").mkdir()
    urls.check_path("example.org/a.jpg")
    (tmp_path / "ftp:").mkdir()
    (tmp_path / "ftp:" / "a.jpg").touch()
    urls.check_path("ftp://a.jpg")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@example.org/@you/a.jpg", "https://***@example.org/@you/a.jpg"),
        ("HTTP:/token@example.org", "HTTP:/***@example.org"),
        ("https://me@example.org:p w@example.org/", "https://***@example.org/"),
        ('"https://me:secret@example.org"', '"https://***@example.org"'),
        ("ftp://me:secret@example.org", "ftp://***@example.org"),
        (
            "abfs://photos@account.dfs.core.windows.net/a@b.jpg",
            "abfs://photos@account.dfs.core.windows.net/a@b.jpg",
        ),
        ("https://example.org/a@b.jpg?to=me:x@y", "https://example.org/a@b.jpg?to=me:x@y"),
        ("photos/me:secret@a.jpg", "photos/me:secret@a.jpg"),
        ("DATA:image/svg+xml,%3Csvg", "DATA:image/svg+xml (SHA-256 9b5b2d4e0b1f5c06)"),
    ],
)
def test_addresses_are_shown_without_secrets(address, shown):
    if shown.startswith("DATA"):
        assert urls.display_name(address).startswith("DATA:image/svg+xml (SHA-256 ")
        assert len(urls.display_name(address + "x" * 100_000)) < 60
        assert urls.display_name(address + "x") != urls.display_name(address)
    else:
        assert urls.display_name(address) == shown


@given(
    st.text(st.characters(exclude_characters="/\\?#@:"), min_size=3, max_size=9),
    st.sampled_from(["http", "Https"]),
)
def test_no_password_is_shown(word, scheme):
    for address in (
        f"{scheme}://me:{word}@h/a.jpg",
        f"{scheme}:/{word}@h",
        f"{scheme}:\\\\{word}:@h?x",
    ):
        shown = urls.display_name(address)
        assert word not in shown.removeprefix(scheme) or word in "me***h/a.jpg"
        assert urls.display_name(shown) == shown


@given(st.text(max_size=40))
def test_any_text_is_either_a_path_or_an_expected_error(text):
    assert urls.clean(urls.clean(text)) == urls.clean(text)
    urls.display_name(text)
    try:
        urls.local_path(text)
        urls.check_path(text.replace("\0", ""))
    except InputError:
        pass


def test_long_addresses_take_little_time():
    start = time.process_time()
    for text in ("a" * 300_000 + "@", "a://" + ":" * 300_000 + "@", "http:/" * 60_000 + "@", "@" * 300_000):
        urls.display_name(text)
        with contextlib.suppress(InputError):
            urls.check_path(text)
        urls.clean(f' "{text}" ')
    assert time.process_time() - start < 5
