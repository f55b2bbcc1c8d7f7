"""The two files of a tagger, its network and its card: beside each other, in a folder, or in a model directory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.models.model_files import MAX_JSON_BYTES, MAX_NETWORK_BYTES, read_file
from imagemood.models.tagger_card import HINT, TaggerCard

NETWORK, CARD = "network.onnx", "network.json"
"""Names of the files in a folder, in a model directory, and in an Acumos bundle."""


@dataclass(frozen=True)
class TaggerFiles:
    """The network and the card of a tagger, which are read only when they are needed.

    Attributes
    ----------
    network_name, card_name : str
        Where the files are, for error messages.
    read_network, read_card : callable
        Return the content of the files, or raise a `ModelError`.
    is_builtin : bool
        Whether these are files of this package, which need no trial.

    Examples
    --------
    >>> TaggerFiles.at().card().size_px
    224
    """

    network_name: str
    card_name: str
    read_network: Callable[[], bytes]
    read_card: Callable[[], bytes]
    is_builtin: bool = False

    @classmethod
    def at(cls, path: str | Path | None = None) -> TaggerFiles:
        """Return the files of the built-in tagger, or those at a path: an ONNX file, or a folder with both files.

        The files in a model directory are returned by `model_directory.find_tagger`, which checks their hashes.
        """
        network = builtin.path(NETWORK) if path is None else Path(path)
        folder = network if os.path.isdir(network) else None  # noqa: PTH112 (Path.is_dir raises for long names)
        network = network / NETWORK if folder else network
        if not os.path.lexists(network):
            hint = "give the path of an ONNX image classifier, or of a folder with a tagger"
            raise ModelError("No such file or directory", where=str(network), hint=hint)
        card = network.with_suffix(".json")
        return cls(
            str(network),
            str(card),
            lambda: read_file(network, max_bytes=MAX_NETWORK_BYTES, folder=folder),
            lambda: read_file(card, max_bytes=MAX_JSON_BYTES, folder=folder, hint=HINT),
            is_builtin=path is None,
        )

    @classmethod
    def of_content(cls, network: bytes, card: bytes) -> TaggerFiles:
        """Return the files of a tagger that is not stored, such as one that was just trained."""
        return cls(NETWORK, f"the card of {NETWORK}", lambda: network, lambda: card)

    def card(self) -> TaggerCard:
        """Read and check the card; raise `ModelError` if it is missing or invalid."""
        return TaggerCard.from_json(self.read_card(), where=self.card_name)

    def digests(self) -> tuple[bytes, bytes]:
        """Return the SHA-256 digests of the network and of the card."""
        return bytes.fromhex(self.network_sha256()), hashlib.sha256(self.read_card()).digest()

    def network_sha256(self) -> str:
        """Return the SHA-256 of the network in hexadecimal, as metadata record it."""
        return hashlib.sha256(self.read_network()).hexdigest()
