"""Predict the moods that a picture evokes.

A tagger turns the picture into tags, and a mood classifier turns the tags into the probabilities of moods::

    import imagemood

    imagemood.classify("photo.jpg").mood
"""

from __future__ import annotations

from imagemood import _usage_reports
from imagemood._lazy import attach_stub

__version__ = "0.1.0"

# The only side effect of importing the package. ONNX Runtime, Daft and Ray read these environment variables when
# they are loaded, which may happen at any time after this line, in this package or elsewhere.
_usage_reports.turn_off()

# The public names are listed in __init__.pyi. Each one is imported on first use, so that `import imagemood` and
# `imagemood --help` stay fast.
__getattr__, _, __all__ = attach_stub(__name__, __file__)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
