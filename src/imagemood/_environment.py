"""The environment variables of this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables, and restore them at the end of the block.

    Examples
    --------
    >>> with environment(IMAGEMOOD_EXAMPLE="1"):
    ...     os.environ["IMAGEMOOD_EXAMPLE"]
    '1'
    >>> "IMAGEMOOD_EXAMPLE" in os.environ
    False
    """
    previous = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in previous.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
