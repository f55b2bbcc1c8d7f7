"""Tell the mood that a picture evokes.

A picture becomes tags, tags become moods::

    import imagemood

    imagemood.classify("photo.jpg").mood
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagemood.api import classify
    from imagemood.errors import ImageError, InputError, ModelError, MoodError
    from imagemood.models.model_directory import load as load_model
    from imagemood.models.mood_classifier import MoodClassifier
    from imagemood.models.tagger import Tagger
    from imagemood.prediction.cascade import Cascade
    from imagemood.prediction.result import Result
    from imagemood.tables.tag_set import TagSet

__version__ = "0.1.0"
__all__ = [
    "Cascade",
    "ImageError",
    "InputError",
    "ModelError",
    "MoodClassifier",
    "MoodError",
    "Result",
    "TagSet",
    "Tagger",
    "classify",
    "load_model",
]

_HOMES = {
    "Cascade": ("prediction.cascade", "Cascade"),
    "ImageError": ("errors", "ImageError"),
    "InputError": ("errors", "InputError"),
    "ModelError": ("errors", "ModelError"),
    "MoodClassifier": ("models.mood_classifier", "MoodClassifier"),
    "MoodError": ("errors", "MoodError"),
    "Result": ("prediction.result", "Result"),
    "TagSet": ("tables.tag_set", "TagSet"),
    "Tagger": ("models.tagger", "Tagger"),
    "classify": ("api", "classify"),
    "load_model": ("models.model_directory", "load"),
}


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that `import imagemood` and the command line's --help stay light.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(f"{__name__}.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
