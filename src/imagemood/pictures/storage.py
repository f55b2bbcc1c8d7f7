"""Files at an address, on this machine or in an object store; what is written appears whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from imagemood._files import atomic_file
from imagemood.errors import InputError, MoodError, RemoteError, UnavailableError, first_line
from imagemood.pictures.addresses import is_object_store, is_url

COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
"""Endings of compressed files."""
FAILURES = (OSError, pa.ArrowException)
"""What file systems raise."""
_S3_TRIES = 5  # the pauses are Amazon's: up to 1 s, then 2 s, 4 s, 8 s, by chance
_PASSING = re.compile(
    r"HTTP status (429|50[0234])"  # Amazon
    r"|AWS Error (NETWORK_CONNECTION|REQUEST_TIMEOUT|SLOW_DOWN|THROTTLING|INTERNAL_FAILURE|SERVICE_UNAVAILABLE)"
    r"|UNAVAILABLE|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED"  # Google
    r"|ServerBusy|OperationTimedOut|InternalError"  # Azure
)
"""What stores say of failures that another attempt may not meet: file systems tell them by their words alone."""


def resolve(address: str) -> tuple[pafs.FileSystem, str]:
    """Find the file system of an address, set up from the environment as the store's own tools are.

    Parameters
    ----------
    address : str
        A path, or an address in an object store.

    Returns
    -------
    pyarrow.fs.FileSystem, str
        The file system, and the path in it.

    Raises
    ------
    RemoteError
        If the store cannot be set up.
    """
    if not is_object_store(address):
        return pafs.LocalFileSystem(), address
    scheme, _, rest = address.partition("://")
    root, _, path = rest.partition("/")
    try:
        store, prefix = _store(scheme.lower(), root)
    except (*FAILURES, ValueError, NotImplementedError) as error:
        raise RemoteError(f"cannot be reached: {first_line(error)}", where=address) from error
    return store, f"{prefix}/{path}".rstrip("/") if path else prefix


@lru_cache(maxsize=64)
def _store(scheme: str, root: str) -> tuple[Any, str]:
    if scheme == "az":
        return _azure(os.environ), root
    if scheme == "s3" and "@" not in root:
        return _s3(os.environ, root), root
    return pafs.FileSystem.from_uri(f"{scheme}://{quote(root, safe='@.:')}")  # type: ignore[no-any-return]


def _s3(environment: Mapping[str, str], bucket: str) -> pafs.FileSystem:
    """Set a store up as its address alone would, but to be asked again after pauses that grow and vary."""
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    return pafs.S3FileSystem(
        endpoint_override=endpoint,
        region=None if endpoint else pafs.resolve_s3_region(bucket),
        retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=_S3_TRIES),
    )


def _azure(environment: Mapping[str, str]) -> pafs.FileSystem:
    """Set a store up as the Azure CLI would: by a connection string, or by an account and its key."""
    text = environment.get("AZURE_STORAGE_CONNECTION_STRING", "")
    given = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    account = given.get("AccountName") or environment.get("AZURE_STORAGE_ACCOUNT")
    if not account:
        raise ValueError("neither AZURE_STORAGE_CONNECTION_STRING nor AZURE_STORAGE_ACCOUNT is set")
    settings = {"account_key": given.get("AccountKey") or environment.get("AZURE_STORAGE_KEY")}
    endpoint = urlsplit(given.get("BlobEndpoint", ""))
    if endpoint.netloc:
        settings |= {f"{kind}_storage_authority": endpoint.netloc for kind in ("blob", "dfs")}
        settings |= {f"{kind}_storage_scheme": endpoint.scheme for kind in ("blob", "dfs")}
    return pafs.AzureFileSystem(account, **{name: value for name, value in settings.items() if value})


def read(address: str) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    address : str
        Where it is.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    RemoteError
        If the store refuses or fails.
    """
    with open_file(address) as file:
        try:
            return bytes(file.read())
        except FAILURES as error:
            raise _unreadable(address, error) from error


def open_file(address: str) -> pa.NativeFile:
    """Open a file to read it in parts, decompressing it where its ending says so.

    Parameters
    ----------
    address : str
        Where it is; a file on a web server is read whole.

    Returns
    -------
    pyarrow.NativeFile
        The open file.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    RemoteError
        If the server or store refuses or fails.
    """
    if is_url(address):
        from imagemood.pictures import http_client  # noqa: PLC0415

        return pa.input_stream(pa.BufferReader(http_client.read_url(address)), compression=_compression(address))
    store, path = resolve(address)
    try:
        if _compression(address):
            return store.open_input_stream(path, compression=_compression(address))
        return store.open_input_file(path)
    except FileNotFoundError as error:
        raise InputError("No such file or directory", where=address) from error
    except FAILURES as error:
        raise _unreadable(address, error) from error


def _unreadable(address: str, error: BaseException) -> MoodError:
    reason = first_line(error)
    if not is_object_store(address):
        return InputError(f"cannot be read: {reason}", where=address)
    kind = UnavailableError if _PASSING.search(str(error)) else RemoteError
    return kind(f"cannot be read: {reason}", where=address)


def _compression(address: str) -> str | None:
    return next((name for ending, name in COMPRESSIONS.items() if address.lower().endswith(ending)), None)


def write(address: str, content: bytes) -> None:
    """Write a file, whole or not at all.

    Parameters
    ----------
    address : str
        Where it goes; folders are made.
    content : bytes
        What it holds.

    Raises
    ------
    InputError
        If it cannot be written.
    RemoteError
        If the store refuses or fails.
    """
    if not is_object_store(address):
        try:
            Path(address).parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(address) as beside:
                beside.write_bytes(content)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=address) from error
        return
    store, path = resolve(address)
    try:
        with store.open_output_stream(path) as file:  # an object is there once the stream is closed
            file.write(content)
    except FAILURES as error:
        raise RemoteError(f"cannot be written: {first_line(error)}", where=address) from error


def remove(address: str) -> None:
    """Remove a file, if it is there.

    Parameters
    ----------
    address : str
        Where it is.

    Raises
    ------
    RemoteError
        If it cannot be removed.
    """
    store, path = resolve(address)
    try:
        store.delete_file(path)
    except FileNotFoundError:
        return
    except FAILURES as error:
        raise RemoteError(f"cannot be removed: {first_line(error)}", where=address) from error
