"""Configuration of object stores, from the environment variables that the providers' own tools use."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from imagemood._certificates import authorities
from imagemood.pictures.reading import limits

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_TIMEOUT = "1h"  # for a whole request; limits.TIMEOUT_S applies while the store sends nothing


@lru_cache(maxsize=64)
def connect(scheme: str, root: str) -> ObjectStore:
    """Return the store of a bucket or container."""
    from obstore import store as stores  # noqa: PLC0415 (an extra)

    certificates = authorities()
    options: dict[str, Any] = {
        "client_options": {
            **({} if certificates is None else {"root_certificate": certificates}),
            "connect_timeout": f"{limits.TIMEOUT_S}s",
            "read_timeout": f"{limits.TIMEOUT_S}s",
            "timeout": _TIMEOUT,
        },
        "retry_config": {"max_retries": 0},  # the module retries has one policy for all servers
    }
    settings = {"s3": _s3, "gs": _google}.get(scheme, _azure)(root)
    endpoint = settings.get("endpoint") or settings.get("base_url") or ""
    if str(endpoint).startswith("http://"):
        options["client_options"]["allow_http"] = True
    return stores.from_url(f"{scheme}://{root}", **options, **settings)


def _s3(bucket: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        settings["endpoint"] = endpoint
    elif region := _s3_region(bucket):
        settings["region"] = region
    if "AWS_ACCESS_KEY_ID" not in os.environ and find_spec("boto3") is not None:
        from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415

        with suppress(ValueError):  # raised if there are no credentials
            settings["credential_provider"] = Boto3CredentialProvider()  # profiles and single sign-on
    return settings


def _s3_region(bucket: str) -> str | None:
    """Return the region of a bucket, which S3 reports without credentials; None if it does not."""
    import httpx  # noqa: PLC0415

    from imagemood.pictures.reading.http_client import shared_client  # noqa: PLC0415

    try:
        response = shared_client().head(f"https://s3.amazonaws.com/{bucket}", timeout=limits.TIMEOUT_S)
    except httpx.HTTPError:
        return None
    region: str | None = response.headers.get("x-amz-bucket-region")
    return region


def _google(_bucket: str) -> dict[str, Any]:
    emulator = os.environ.get("STORAGE_EMULATOR_HOST")
    if not emulator:
        return {}
    return {"base_url": emulator if "://" in emulator else f"http://{emulator}", "bearer_token": "emulator"}


def _azure(container: str) -> dict[str, Any]:
    if "@" in container:  # abfs://container@account.dfs.core.windows.net
        key = os.environ.get("AZURE_STORAGE_KEY")
        return {"account_key": key} if key else {}
    text = os.environ.get("AZURE_STORAGE_CONNECTION_STRING", "")
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    account = parts.get("AccountName") or os.environ.get("AZURE_STORAGE_ACCOUNT")
    if not account:
        raise ValueError("neither AZURE_STORAGE_CONNECTION_STRING nor AZURE_STORAGE_ACCOUNT is set")
    settings = {
        "account_name": account,
        "account_key": parts.get("AccountKey") or os.environ.get("AZURE_STORAGE_KEY"),
        "sas_key": parts.get("SharedAccessSignature"),
        "endpoint": parts.get("BlobEndpoint", "").rstrip("/") or _azure_endpoint(account, parts),
    }
    return {name: value for name, value in settings.items() if value}


def _azure_endpoint(account: str, parts: dict[str, str]) -> str | None:
    suffix = parts.get("EndpointSuffix")
    return f"{parts.get('DefaultEndpointsProtocol', 'https')}://{account}.blob.{suffix}" if suffix else None
