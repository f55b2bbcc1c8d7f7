"""How the service is set up: what the command line says, on its way to the workers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from imagemood.errors import InputError
from imagemood.pictures.addresses import is_url

MAX_ROWS_BYTES = 8_000_000
"""Size of a request of tag rows at most; an empty row takes two bytes on the wire and fifty in memory."""
MAX_ROW_IMAGES = 4096
"""Images in a request of tag rows at most: each becomes a row of a dense matrix."""
METHODS = ("tag", "classify", "mood")
"""Methods of the Acumos door: picture to tags, tags to moods, picture to moods."""


@dataclass(frozen=True)
class Limits:
    """What one request, and all together, may take.

    Attributes
    ----------
    max_bytes : int
        Size of a request's body, and of a picture fetched for it.
    max_pixels : int
        Pixels of a picture, before it is decoded.
    max_images : int
        Pictures in one request.
    queue : int
        Pictures, or requests of tag rows, that may wait; further ones are refused at once.
    max_held_bytes : int
        Bodies held in memory by all requests together.
    body_timeout_s : float
        Seconds that a body may take to arrive.
    answer_timeout_s : float
        Seconds that an answer may take.
    """

    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000
    max_images: int = 32
    queue: int = 128
    max_held_bytes: int = 256_000_000
    body_timeout_s: float = 20.0
    answer_timeout_s: float = 30.0


@dataclass(frozen=True)
class Settings:
    """All that a worker must know to serve.

    Attributes
    ----------
    model, tagger : str or None
        Model directory or built-in model, and ONNX image classifier; the built-in ones by default.
    device : str
        Where to run the tagger's network: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    cors : tuple of str
        Origins whose pages may use the service.
    token : str or None
        What clients must bear, where it is set.
    downstream : dict of str to list of str
        For a method of the Acumos door, addresses that its answer goes on to, one after the other.
    allow_urls : bool
        Whether pictures may be given by their URL.
    access_log : bool
        Whether each request leaves a line on standard error.
    limits : Limits
        What requests may take.

    Examples
    --------
    >>> settings = Settings(cors=("https://example.org",), limits=Limits(max_images=2))
    >>> Settings.from_json(settings.to_json()) == settings
    True
    """

    model: str | None = None
    tagger: str | None = None
    device: str = "auto"
    cors: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    downstream: dict[str, list[str]] = field(default_factory=dict)
    allow_urls: bool = False
    access_log: bool = True
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        """Write the settings down, for another process.

        Returns
        -------
        str
            JSON.
        """
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str
            JSON.

        Returns
        -------
        Settings
            The same settings.
        """
        fields = json.loads(text)
        return cls(**{**fields, "cors": tuple(fields["cors"]), "limits": Limits(**fields["limits"])})


def downstream_of(addresses: list[str], *, where: str) -> dict[str, list[str]]:
    """Say what goes on to where.

    Parameters
    ----------
    addresses : list of str
        URLs, each of which may say which method's answer goes there: ``tag=http://…``; without, it is `tag`.
    where : str
        What to call them in error messages.

    Returns
    -------
    dict of str to list of str
        The URLs of each method, in the order given: the answer of one goes to the next.

    Raises
    ------
    InputError
        If one is no http(s) URL.

    Examples
    --------
    >>> downstream_of(["http://127.0.0.1:8887/classify"], where="--downstream")
    {'tag': ['http://127.0.0.1:8887/classify']}
    """
    found: dict[str, list[str]] = {}
    for address in addresses:
        method, _, rest = address.partition("=")
        url = rest if method in METHODS else address
        if not is_url(url):
            raise InputError(
                f"'{address}' is no http(s) URL", where=where, hint="such as http://host:8887/classify"
            )
        found.setdefault(method if method in METHODS else "tag", []).append(url)
    return found


def downstream_in(fields: object, *, where: str) -> dict[str, list[str]]:
    """Read ``downstream`` of a `runtime.json`, as the 2018 runner took it.

    Parameters
    ----------
    fields : object
        The parsed file: ``{"downstream": ["http://…"]}``.
    where : str
        The file's name, for error messages.

    Returns
    -------
    dict of str to list of str
        As `downstream_of` gives it.

    Raises
    ------
    InputError
        If it is something else.

    Examples
    --------
    >>> downstream_in({"downstream": "http://127.0.0.1:8887/classify"}, where="runtime.json")
    {'tag': ['http://127.0.0.1:8887/classify']}
    """
    given = fields.get("downstream", []) if isinstance(fields, Mapping) else None
    addresses = [given] if isinstance(given, str) else given
    if not isinstance(addresses, list) or not all(isinstance(address, str) for address in addresses):
        raise InputError('is not like {"downstream": ["http://host:8887/classify"]}', where=where)
    return downstream_of(addresses, where=where)
