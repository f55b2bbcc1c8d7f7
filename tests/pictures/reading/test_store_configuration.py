from __future__ import annotations

import pytest

from imagemood.errors import RemoteError
from imagemood.pictures.reading import object_store, storage
from imagemood.pictures.reading.store_configuration import connect


def test_credentials_of_a_profile_are_used(s3, monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    profile = "[photographer]\naws_access_key_id = PROFILEKEY\naws_secret_access_key = secret\n"
    (tmp_path / "credentials").write_text(profile)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "photographer")
    seen = []
    real = s3._s3

    def record(environ, start_response):
        seen.append(environ.get("HTTP_AUTHORIZATION", ""))
        return real(environ, start_response)

    monkeypatch.setattr(s3, "_s3", record)
    storage.write("s3://photos/a.jpg", b"")
    assert "PROFILEKEY" in seen[0]


def test_the_region_of_a_bucket_is_looked_up(monkeypatch):
    import httpx

    from imagemood.pictures.reading import http_client

    requests = []

    def respond(request):
        requests.append((request.method, str(request.url)))
        return httpx.Response(403, headers={"x-amz-bucket-region": "eu-central-1"})

    with http_client.create_client(httpx.MockTransport(respond)) as client:
        monkeypatch.setattr(http_client, "shared_client", lambda: client)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anyone")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
        connect.cache_clear()
        store, path = object_store.resolve("s3://photos/a/b.jpg")
        connect.cache_clear()
    assert requests == [("HEAD", "https://s3.amazonaws.com/photos")]
    assert (store.config["region"], path) == ("eu-central-1", "a/b.jpg")


AZURE = ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY")


@pytest.fixture
def no_azure(monkeypatch):
    for name in AZURE:
        monkeypatch.delenv(name, raising=False)
    connect.cache_clear()
    yield
    connect.cache_clear()


@pytest.mark.usefixtures("no_azure")
def test_azure_without_an_account_is_an_error():
    message = (
        r"^az://photos/a: cannot be reached: neither AZURE_STORAGE_CONNECTION_STRING nor AZURE_STORAGE_ACCOUNT"
    )
    with pytest.raises(RemoteError, match=message):
        object_store.resolve("az://photos/a")


@pytest.mark.usefixtures("no_azure")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"AZURE_STORAGE_ACCOUNT": "me", "AZURE_STORAGE_KEY": "a2V5"},
            {"account_name": "me", "account_key": "a2V5"},
        ),
        (
            {
                "AZURE_STORAGE_CONNECTION_STRING": "AccountName=me;AccountKey=a2V5MQ==;"
                "EndpointSuffix=core.windows.net"
            },
            {"account_key": "a2V5MQ==", "endpoint": "https://me.blob.core.windows.net"},
        ),
        (
            {
                "AZURE_STORAGE_CONNECTION_STRING": "DefaultEndpointsProtocol=http;AccountName=me;AccountKey=a2V5;"
                "BlobEndpoint=http://127.0.0.1:10000/me;"
            },
            {"account_name": "me", "endpoint": "http://127.0.0.1:10000/me"},
        ),
    ],
)
def test_azure_is_configured_by_the_variables_of_its_own_tools(monkeypatch, settings, expected):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for scheme in ("az", "abfs", "abfss"):
        store, path = object_store.resolve(f"{scheme}://photos/a/b.jpg")
        assert path == "a/b.jpg"
        assert {name: store.config[name] for name in expected} == expected
        assert store.config["container_name"] == "photos"


@pytest.mark.usefixtures("no_azure")
def test_an_azure_address_may_name_the_account(monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_KEY", "a2V5")
    store, path = object_store.resolve("abfss://photos@me.dfs.core.windows.net/a/b.jpg")
    assert path == "a/b.jpg"
    expected = {"container_name": "photos", "account_name": "me", "account_key": "a2V5"}
    assert {name: store.config[name] for name in expected} == expected
