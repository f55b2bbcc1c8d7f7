"""One hash of all files that a prediction depends on, by which the service and datasets identify their models."""

from __future__ import annotations

import hashlib
from pathlib import Path

from imagemood.models import model_directory
from imagemood.models.loading import choose_tagger


def model_hash(
    model: str | Path | None = None,
    tagger: str | Path | None = None,
    *,
    tagger_of: str | Path | None = None,
) -> str:
    """Return a hash of the content of a mood classifier and a tagger; the arguments are as for `Cascade.load`.

    If `tagger_of` is the name or directory of another model, the tagger is the one of that model.

    It is the SHA-256, in hexadecimal, of the SHA-256 digests of the tagger's network, the tagger's card, and the
    files of the mood classifier in the order of their names.

    Examples
    --------
    >>> model_hash("tags") == model_hash()
    False
    >>> len(model_hash())
    64
    """
    digests = list(choose_tagger(model if tagger_of is None else tagger_of, tagger).digests())
    files = model_directory.read_files(model)
    digests += [hashlib.sha256(content).digest() for _, content in sorted(files.items())]
    return hashlib.sha256(b"".join(digests)).hexdigest()
