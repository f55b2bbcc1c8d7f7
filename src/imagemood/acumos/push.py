"""Push an Acumos bundle to an onboarding server, as the official client does."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood import _extras
from imagemood.acumos.account import Credentials, Destination, check
from imagemood.errors import InputError, RemoteError

if TYPE_CHECKING:
    import httpx

CONNECT_TIMEOUT_S = 10.0
RESPONSE_TIMEOUT_S = 300.0  # the server may build an image before it responds
_PARTS = {
    "model": ("model.zip", "application/zip"),
    "metadata": ("metadata.json", "application/json"),
    "schema": ("model.proto", "text/plain"),
    "license": ("license.json", "application/json"),
}
_HINTS = {
    401: "check the token or password",
    403: "ask for the permission to onboard models",
    404: "check the address",
    413: "ask the operator to raise the size limit",
}
_MAX_DETAIL_LENGTH = 200
_Files = dict[str, tuple[str, bytes, str]]
_ProgressCallback = Callable[[int, int], object]


def push(
    path: str | Path,
    destination: Destination,
    credentials: Credentials,
    *,
    progress: _ProgressCallback | None = None,
) -> str | None:
    """Push a bundle; if the token is rejected, retry once with a new one.

    Parameters
    ----------
    path : str or Path
        A directory written by `imagemood.acumos.dump.dump`.
    destination : Destination
        The server, and what it should do with the bundle.
    credentials : Credentials
        A token, or user name and password to request one.
    progress : callable, optional
        Called with the number of bytes sent and the total number of bytes.

    Returns
    -------
    str or None
        URI of the Docker image, if the server returns it.

    Raises
    ------
    InputError
        If the directory is not a bundle, or credentials or an address are missing.
    RemoteError
        If the server cannot be reached or responds with an error.
    """
    with _extras.needs("web"):
        import httpx  # noqa: PLC0415 (slow to import)

    from imagemood.pictures.reading.http_transport import Transport  # noqa: PLC0415

    files = _read(path)
    check(destination, credentials)
    timeout = httpx.Timeout(RESPONSE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    with httpx.Client(timeout=timeout, transport=Transport(), trust_env=False) as client:
        server = _OnboardingServer(client, destination, credentials)
        token = credentials.token or server.request_token()
        response = server.upload(token, files, progress)
        if response.status_code == httpx.codes.UNAUTHORIZED and credentials.username and destination.auth_address:
            token = server.request_token()
            response = server.upload(token, files, progress)
        server.raise_for_status(response, destination.push_address, token)
    return _docker_image_uri(response)


def _docker_image_uri(response: httpx.Response) -> str | None:
    try:
        uri = response.json().get("dockerImageUri")
    except (ValueError, AttributeError):  # not JSON, or not an object
        return None
    return str(uri) if uri else None


def _read(path: str | Path) -> _Files:
    files = {}
    for part, (name, media_type) in _PARTS.items():
        file = Path(path) / name
        if part == "license" and not file.exists():
            continue
        try:
            files[part] = (name, file.read_bytes(), media_type)
        except OSError as error:
            hint = "write a bundle with imagemood acumos dump"
            raise InputError(error.strerror or "cannot be read", where=str(file), hint=hint) from error
    return files


class _OnboardingServer:
    """The requests to one onboarding server."""

    def __init__(self, client: httpx.Client, destination: Destination, credentials: Credentials) -> None:
        self.client = client
        self.destination = destination
        self.credentials = credentials

    def request_token(self) -> str:
        """Request a token for user name and password."""
        address = self.destination.auth_address or ""
        body = {"request_body": {"username": self.credentials.username, "password": self.credentials.password}}
        response = self._post(address, json=body, headers={"Accept": "application/json"})
        self.raise_for_status(response, address)
        try:
            token = response.json()["jwtToken"]
        except (ValueError, KeyError, TypeError):
            token = None
        if not token or not isinstance(token, str):
            raise RemoteError("the response contains no jwtToken", where=address)
        return token

    def upload(self, token: str, files: _Files, progress: _ProgressCallback | None) -> httpx.Response:
        """Send the files of a bundle."""
        destination = self.destination
        headers = {
            "Authorization": token,
            "isCreateMicroservice": str(destination.create_microservice or destination.deploy).lower(),
            "deploy": str(destination.deploy).lower(),
        }
        sent = _UploadProgress(sum(len(content) for _, content, _ in files.values()), progress)
        parts = {part: (name, _TrackedFile(content, sent), kind) for part, (name, content, kind) in files.items()}
        return self._post(destination.push_address, files=parts, headers=headers)

    def _post(self, address: str, **request: Any) -> httpx.Response:
        import httpx  # noqa: PLC0415 (slow to import)

        try:
            return self.client.post(address, **request)
        except httpx.TimeoutException as error:
            raise RemoteError("the server did not respond in time", where=address) from error
        except UnicodeError as error:  # in the address, or in a token that is sent as a header
            raise InputError("the address or the token has invalid characters", where=address) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"cannot connect: {self.credentials.redact(str(error))}"
            raise RemoteError(reason, where=address) from error

    def raise_for_status(self, response: httpx.Response, address: str, token: str | None = None) -> None:
        """Raise `RemoteError` with the server's message, without secrets, unless the request succeeded."""
        if response.is_success:
            return
        detail = Credentials(token).redact(self.credentials.redact(response.text))
        detail = " ".join(detail.split())[:_MAX_DETAIL_LENGTH]
        hint = _HINTS.get(response.status_code)
        if response.is_redirect:
            location = response.headers.get("location", "an unknown address")
            hint = f"the server redirects to {location}; use that address if you trust it"
        status = f"the server responded with {response.status_code} {response.reason_phrase}"
        raise RemoteError(f"{status}: {detail}" if detail else status, where=address, hint=hint)


class _UploadProgress:
    """Adds up the bytes that were sent, and reports them."""

    def __init__(self, n_total_bytes: int, callback: _ProgressCallback | None) -> None:
        self.n_total_bytes, self.n_sent_bytes, self.callback = n_total_bytes, 0, callback

    def add(self, n_bytes: int) -> None:
        self.n_sent_bytes += n_bytes
        if self.callback is not None:
            self.callback(self.n_sent_bytes, self.n_total_bytes)


class _TrackedFile(io.BytesIO):
    """A file in memory that reports how much of it has been read."""

    def __init__(self, content: bytes, sent: _UploadProgress) -> None:
        super().__init__(content)
        self._sent = sent

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self._sent.add(len(content))
        return content
