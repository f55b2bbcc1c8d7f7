"""Send an Acumos bundle to an onboarding server."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemood.acumos.account import Credentials, Destination
from imagemood.errors import InputError, RemoteError

if TYPE_CHECKING:
    import httpx

CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S = 10.0, 300.0
"""How long the server may take to accept a connection, and to answer: it may build an image meanwhile."""
_PARTS = {
    "model": ("model.zip", "application/zip"),
    "metadata": ("metadata.json", "application/json"),
    "schema": ("model.proto", "text/plain"),
    "license": ("license.json", "application/json"),
}
_HINTS = {
    401: "the token or password is not accepted",
    403: "the user may not onboard models",
    404: "is the address right?",
    413: "the server takes no bundle of this size",
}
_Files = dict[str, tuple[str, bytes, str]]


def push(
    path: str | Path,
    destination: Destination,
    credentials: Credentials,
    *,
    progress: Callable[[int, int], object] | None = None,
) -> str | None:
    """Send a bundle; after a refusal, once more with fresh credentials.

    Parameters
    ----------
    path : str or Path
        A directory that `imagemood.acumos.dump.dump` wrote.
    destination : Destination
        Where to.
    credentials : Credentials
        Token, or user name and password.
    progress : callable, optional
        Called with the number of bytes sent and their total.

    Returns
    -------
    str or None
        Address of the Docker image, where the server gives one.

    Raises
    ------
    InputError
        If the directory is no bundle, or credentials or addresses are missing.
    RemoteError
        If the server cannot be reached, refuses or fails.
    """
    files = _read(path)
    import httpx  # noqa: PLC0415 (slow to import)

    timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    # No proxy and no .netrc: where the token goes is what the user wrote, nothing else.
    with httpx.Client(timeout=timeout, trust_env=False) as client:
        visit = _Visit(client, destination, credentials)
        token = credentials.token or visit.authenticate()
        answer = visit.post(token, files, progress)
        if answer.status_code == 401 and credentials.username and destination.auth_address:
            token = visit.authenticate()
            answer = visit.post(token, files, progress)
        visit.check(answer, destination.push_address, token)
    try:
        uri = answer.json().get("dockerImageUri")
    except (ValueError, AttributeError):
        return None
    return str(uri) if uri else None


def _read(path: str | Path) -> _Files:
    folder, files = Path(path), {}
    for part, (name, kind) in _PARTS.items():
        try:
            files[part] = (name, (folder / name).read_bytes(), kind)
        except OSError as error:
            if part == "license":
                continue
            raise InputError(
                f"cannot be read: {error.strerror}",
                where=str(folder / name),
                hint="imagemood acumos dump makes it",
            ) from error
    return files


class _Visit:
    """One client at one server, with what the two agreed on."""

    def __init__(self, client: httpx.Client, destination: Destination, credentials: Credentials) -> None:
        self.client = client
        self.destination = destination
        self.credentials = credentials

    def authenticate(self) -> str:
        name, password = self.credentials.username, self.credentials.password
        address = self.destination.auth_address
        if not (name and password):
            raise InputError("no credentials", hint="set ACUMOS_TOKEN, or ACUMOS_USERNAME and ACUMOS_PASSWORD")
        if not address:
            raise InputError("user name and password need the address of the authentication API")
        body = {"request_body": {"username": name, "password": password}}
        answer = self._send(address, json=body, headers={"Accept": "application/json"})
        self.check(answer, address)
        try:
            token = answer.json()["jwtToken"]
        except (ValueError, KeyError, TypeError):
            token = None
        if not token or not isinstance(token, str):
            raise RemoteError("the server's answer has no jwtToken", where=address)
        return token

    def post(self, token: str, files: _Files, progress: Callable[[int, int], object] | None) -> httpx.Response:
        to = self.destination
        headers = {
            "Authorization": token,
            "isCreateMicroservice": str(to.create_microservice or to.deploy).lower(),
            "deploy": str(to.deploy).lower(),
        }
        sent = _Sent(sum(len(content) for _, content, _ in files.values()), progress)
        parts = {part: (name, _Counted(content, sent), kind) for part, (name, content, kind) in files.items()}
        return self._send(to.push_address, files=parts, headers=headers)

    def _send(self, address: str, **request: Any) -> httpx.Response:
        import httpx  # noqa: PLC0415 (an extra)

        try:
            return self.client.post(address, **request)
        except httpx.TimeoutException as error:
            raise RemoteError("the server took too long", where=address) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"cannot be reached: {self.credentials.hide(str(error))}"
            raise RemoteError(reason, where=address) from error

    def check(self, answer: httpx.Response, address: str, token: str | None = None) -> None:
        if answer.is_success:
            return
        said = self.credentials.hide(answer.text)
        if token:
            said = Credentials(token).hide(said)
        said = " ".join(said.split())[:200]
        hint = _HINTS.get(answer.status_code)
        if answer.is_redirect:
            where = answer.headers.get("location", "nowhere")
            hint = f"it redirects to {where}: give that address if you trust it"
        reason = f"the server says {answer.status_code} {answer.reason_phrase}" + (f": {said}" if said else "")
        raise RemoteError(reason, where=address, hint=hint)


class _Sent:
    """How many bytes have gone out of how many."""

    def __init__(self, n_total: int, progress: Callable[[int, int], object] | None) -> None:
        self.n_total, self.n_done, self.progress = n_total, 0, progress

    def add(self, n_bytes: int) -> None:
        self.n_done += n_bytes
        if self.progress is not None:
            self.progress(self.n_done, self.n_total)


class _Counted(io.BytesIO):
    """A file that tells how much of it was read."""

    def __init__(self, content: bytes, sent: _Sent) -> None:
        super().__init__(content)
        self._sent = sent

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self._sent.add(len(content))
        return content
