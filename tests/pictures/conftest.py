from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from imagemood.pictures.reading import object_store, retries
from imagemood.pictures.reading.store_configuration import connect
from tests.servers import S3Server, s3_server


@pytest.fixture(autouse=True)
def no_delay(monkeypatch):
    """Retry without delay."""
    monkeypatch.setattr(retries, "DELAY_S", 0.0)


@pytest.fixture(scope="session")
def s3_process() -> Iterator[S3Server]:
    with s3_server() as server:
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/photos", method="PUT")).close()
        yield server


@pytest.fixture
def s3(s3_process, monkeypatch) -> Iterator[S3Server]:
    """An S3 server that has the bucket photos, which is emptied afterwards."""
    for name, value in s3_process.environment.items():
        monkeypatch.setenv(name, value)
    connect.cache_clear()
    s3_process.requests.clear()
    yield s3_process
    s3_process.always, s3_process.failures, s3_process.page_size = None, [], None
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_process.url)
    connect.cache_clear()
    for parts in list(object_store.walk("s3://photos")):
        object_store.remove("s3://photos/" + "/".join(parts))
    connect.cache_clear()
