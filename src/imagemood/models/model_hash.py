"""One hash of all that an answer depends on, by which the service and datasets name their models."""

from __future__ import annotations

import hashlib
from pathlib import Path

from imagemood import builtin
from imagemood.errors import ModelError
from imagemood.models import model_directory


def model_hash(model: str | Path | None = None, tagger: str | Path | None = None) -> str:
    """Name a mood classifier together with its tagger.

    Parameters
    ----------
    model : str or Path, optional
        The mood classifier, as `imagemood.models.model_directory.load` takes it.
    tagger : str or Path, optional
        The tagger's ONNX file, with its card beside it. The built-in one by default.

    Returns
    -------
    str
        64 hexadecimal digits: SHA-256 over the SHA-256 of each file, the network, its card, and the files of the
        mood classifier by name. Where the files lie makes no difference.

    Raises
    ------
    ModelError
        If a file is missing, damaged or changed since it was written.

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
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ModelError(f"cannot be read: {error.strerror}", where=str(path)) from error
    for _, content in sorted(model_directory.read(model).items()):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()
