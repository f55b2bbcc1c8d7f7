from .api import classify, load_model
from .errors import ImageError, InputError, ModelError, MoodError
from .models.mood_classifier import MoodClassifier
from .models.tagger import Tagger
from .pictures.picture import Picture
from .prediction.cascade import Cascade
from .prediction.result import Result
from .tables.tag_set import TagSet

__version__: str
__all__ = [
    "Cascade",
    "ImageError",
    "InputError",
    "ModelError",
    "MoodClassifier",
    "MoodError",
    "Picture",
    "Result",
    "TagSet",
    "Tagger",
    "classify",
    "load_model",
]
