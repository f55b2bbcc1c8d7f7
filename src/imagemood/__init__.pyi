from .api import classify, classify_many, embed, load_model
from .errors import ImageError, InputError, MissingPackageError, ModelError, MoodError
from .estimators import ImageEmbedder, ImageTagger, VisualFeatures, evaluate, train
from .models.mood_classifier import MoodClassifier
from .models.tagger import Tagger
from .pictures.picture import Picture
from .prediction.cascade import Cascade
from .prediction.data_frames import to_dataframe
from .prediction.explanation import Explanation
from .prediction.result import Result
from .prediction.results import Results
from .tables.tag_set import TagSet

__version__: str
__all__ = [
    "Cascade",
    "Explanation",
    "ImageEmbedder",
    "ImageError",
    "ImageTagger",
    "InputError",
    "MissingPackageError",
    "ModelError",
    "MoodClassifier",
    "MoodError",
    "Picture",
    "Result",
    "Results",
    "TagSet",
    "Tagger",
    "VisualFeatures",
    "classify",
    "classify_many",
    "embed",
    "evaluate",
    "load_model",
    "to_dataframe",
    "train",
]
