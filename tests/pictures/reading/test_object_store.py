"""Object stores, tested with an S3 server that fails on demand and also has Google's interface."""

from __future__ import annotations

import io

import pytest

from imagemood.errors import InputError, RemoteError, UnavailableError
from imagemood.pictures.finding import listing
from imagemood.pictures.finding.sources import find_pictures
from imagemood.pictures.reading import object_store, retries, storage
from imagemood.pictures.reading.store_configuration import connect


@pytest.mark.parametrize("status", retries.TRANSIENT_STATUS)
def test_transient_failures_are_retried(s3, status):
    storage.write("s3://photos/a.jpg", b"a picture")
    for request in (
        lambda: storage.read("s3://photos/a.jpg"),
        lambda: storage.open_file("s3://photos/a.jpg").read(),
        lambda: storage.write("s3://photos/b.jpg", b""),
        lambda: listing.entries("s3://photos"),
        lambda: list(object_store.walk("s3://photos")),
        lambda: listing.exists("s3://photos/a.jpg"),
        lambda: storage.remove("s3://photos/b.jpg"),
    ):
        s3.failures = [f"{status} Failure"] * 2
        request()
        assert s3.failures == []


def test_after_all_attempts_the_store_is_unavailable(s3):
    storage.write("s3://photos/a.jpg", b"")
    s3.requests.clear()
    s3.always = "503 Slow Down"
    message = r"^s3://photos/a\.jpg: cannot be read: the store responded with 503 Service Unavailable$"
    with pytest.raises(UnavailableError, match=message):
        storage.read("s3://photos/a.jpg")
    assert s3.requests["GET"] == retries.N_ATTEMPTS


def test_refusals_are_not_retried(s3):
    s3.always = "403 Forbidden"
    for request, action in (
        (lambda: storage.read("s3://photos/a.jpg"), "read"),
        (lambda: storage.write("s3://photos/a.jpg", b""), "written"),
        (lambda: storage.remove("s3://photos/a.jpg"), "removed"),
        (lambda: listing.entries("s3://photos"), "listed"),
        (lambda: listing.is_folder("s3://photos"), "listed"),
    ):
        s3.requests.clear()
        with pytest.raises(
            RemoteError, match=f"cannot be {action}: the store responded with 403 Forbid"
        ) as caught:
            request()
        assert type(caught.value) is RemoteError
        assert s3.requests.total() == 1


def test_a_store_that_cannot_be_reached_is_unavailable(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    connect.cache_clear()
    with pytest.raises(UnavailableError, match=r"^s3://photos/a\.jpg: cannot be read: connection failed$"):
        storage.read("s3://photos/a.jpg")


@pytest.mark.parametrize("can_resume", [True, False])
def test_a_failure_within_a_listing_neither_loses_nor_repeats_names(s3, monkeypatch, can_resume):
    s3.page_size = 3
    monkeypatch.setattr(object_store, "_PAGE", 3)
    names = [f"{i:02d}.jpg" for i in range(30)]
    for name in names:
        storage.write(f"s3://photos/{name}", b"")
    store, path = object_store.resolve("s3://photos")
    pages = object_store._Pages(store, path, can_resume=can_resume)
    found = pages.next()
    for n_failures in (1, 0, 2, 1):
        s3.failures = ["503 Slow Down"] * n_failures
        for _ in range(n_failures):
            with pytest.raises(RemoteError):
                object_store._call_once(pages.next, "s3://photos", "listed")
        found += pages.next() or []
    while (page := pages.next()) is not None:
        found += page
    assert found == names


def test_failures_within_a_walk_are_retried(s3, monkeypatch):
    s3.page_size = 3
    monkeypatch.setattr(object_store, "_PAGE", 3)
    for i in range(10):
        storage.write(f"s3://photos/{i}.jpg", b"")
    walk = object_store.walk("s3://photos")
    found = [next(walk)]
    s3.failures = ["503 Slow Down", "500 Internal Server Error"]
    found += walk
    assert s3.failures == []
    assert ["/".join(parts) for parts in found] == [f"{i}.jpg" for i in range(10)]


def test_more_objects_than_one_response_lists(s3):
    s3.page_size = 10
    names = [f"s3://photos/many/{i:02d}.jpg" for i in range(25)]
    for name in names:
        storage.write(name, b"")
    s3.requests.clear()
    assert [picture.name for picture in find_pictures(["s3://photos/many"])] == names
    assert s3.requests["GET"] == 6  # twice three pages: whether there is a folder, and its pictures
    assert len(listing.entries("s3://photos/many")) == 25


def test_folder_markers_are_not_pictures(s3):
    import boto3

    client = boto3.client("s3", endpoint_url=s3.url)
    client.put_object(Bucket="photos", Key="album/", Body=b"")
    client.put_object(Bucket="photos", Key="album/a.jpg", Body=b"")
    assert [picture.name for picture in find_pictures(["s3://photos/album"])] == ["s3://photos/album/a.jpg"]
    client.delete_object(Bucket="photos", Key="album/")


def test_objects_can_be_read_from_any_position(s3):
    content = bytes(range(256)) * 10
    storage.write("s3://photos/a.bin", content)
    with object_store.open_file("s3://photos/a.bin") as file:
        assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
        assert file.read(5) == content[:5]
        assert file.seek(-10, io.SEEK_END) == 2550
        assert file.read(100) == content[-10:]
        assert file.read(1) == b""
        assert file.seek(7) == 7
        assert file.seek(3, io.SEEK_CUR) == file.tell() == 10
        assert file.readall() == content[10:]


@pytest.fixture
def google(s3, monkeypatch) -> str:
    """A bucket of Google Cloud Storage: its XML API, which obstore uses, is that of S3."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", s3.url.removeprefix("http://"))
    return "gs://photos"


def test_google_cloud_storage(google):
    names = ["a.jpg", "a/b c.jpg", "a/ü.jpg"]
    for name in names:
        storage.write(f"{google}/{name}", name.encode())
    assert [picture.name for picture in find_pictures([google])] == [f"{google}/{name}" for name in names]
    assert [picture.read() for picture in find_pictures([f"{google}/*/*.jpg"])] == [
        b"a/b c.jpg",
        "a/ü.jpg".encode(),
    ]
    assert storage.open_file(f"{google}/a.jpg").read() == b"a.jpg"
    with pytest.raises(InputError, match="No such file or directory"):
        storage.read(f"{google}/absent.jpg")
    storage.remove(f"{google}/a.jpg")
    assert listing.entries(google) == [("a", True)]


@pytest.mark.parametrize(
    "text",
    [
        "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 1ms - 404 Not Found",
        "Generic GCS error: Error performing token request: Server returned non-2xx status code: 403 Forbidden",
    ],
)
def test_missing_credentials_are_reported_and_not_retried(s3, text):
    attempts = []

    def request():
        attempts.append(1)
        raise RuntimeError(text)

    message = r"^s3://photos/a: cannot be read: no credentials for the store \(set the environment variables"
    with pytest.raises(RemoteError, match=message):
        object_store._call(request, "s3://photos/a", "read")
    assert len(attempts) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("operation timed out", "timed out"),
        ("error sending request for url (http://x)", "connection failed"),
        ("Generic S3 error: Invalid path\n\nDebug source: …", "Generic S3 error: Invalid path"),
    ],
)
def test_equal_failures_have_equal_messages(text, expected):
    def request():
        raise RuntimeError(text)

    with pytest.raises(RemoteError) as caught:
        object_store._call(request, "s3://photos/a", "read")
    assert caught.value.what == f"cannot be read: {expected}"
    assert isinstance(caught.value, UnavailableError) is (expected in ("timed out", "connection failed"))
