from .mood_classifier import MoodClassifier
from .picture_training import evaluate, train
from .transformers import ImageEmbedder, ImageTagger, VisualFeatures

__all__ = ["ImageEmbedder", "ImageTagger", "MoodClassifier", "VisualFeatures", "evaluate", "train"]
