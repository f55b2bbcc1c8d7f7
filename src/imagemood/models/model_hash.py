"""One hash of all files that a prediction depends on, by which the service and datasets identify their models."""

from __future__ import annotations

import hashlib
from pathlib import Path

from imagemood import builtin
from imagemood.models import model_directory
from imagemood.models.model_files import MAX_NETWORK_BYTES, read_file


def model_hash(model: str | Path | None = None, tagger: str | Path | None = None) -> str:
    """Return a hash of the content of a mood classifier and a tagger; the arguments are as for `Cascade.load`.

    It is the SHA-256, in hexadecimal, of the SHA-256 digests of the tagger's network, the tagger's card, and the
    files of the mood classifier in the order of their names.

    Examples
    --------
    >>> model_hash("tags") == model_hash()
    False
    >>> len(model_hash())
    64
    """
    network = builtin.path("network.onnx") if tagger is None else Path(tagger)
    digest = hashlib.sha256()
    for path in (network, network.with_suffix(".json")):
        digest.update(hashlib.sha256(read_file(path, max_bytes=MAX_NETWORK_BYTES)).digest())
    for _, content in sorted(model_directory.read_files(model).items()):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()
