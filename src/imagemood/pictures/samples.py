"""Sample pictures for each of the eight moods: freely licensed photos and drawings, as part of the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "sample_pictures"
CREDITS = FOLDER / "CREDITS.md"
"""The authors, sources and licences of all pictures, and how each one was changed."""


@dataclass(frozen=True)
class Sample:
    """A sample picture, with the mood that it was chosen for, its author or origin, and its licence."""

    path: Path
    mood: str
    title: str
    source: str
    licence: str


_PICTURES = (
    ("beach_trip", "amusement", "Trip to the beach", "AbiClipart, Open Clip Art Library", "public domain"),
    ("carousel", "amusement", "Carousel horse", "Google (Noto Emoji)", "Apache 2.0"),
    ("caterpillar", "anger", "Furious caterpillar", "David Wislon, Open Clip Art Library", "public domain"),
    ("demon", "anger", "Demon in flames", "Omndra, Dungeon Crawl Stone Soup", "CC0"),
    ("alps", "awe", "French Alps", "Adolphe Braun, Getty's Open Content Program", "CC0"),
    ("galaxies", "awe", "Hubble eXtreme Deep Field", "NASA", "public domain"),
    ("summit", "awe", "Picos de Europa", "Aitzol Berasategi", "CC BY 4.0"),
    ("cat", "contentment", "Chelsea the cat", "Stefan van der Walt", "CC0"),
    ("coffee", "contentment", "Coffee cup", "Rachel Michetti, courtesy of Pikolo Espresso Bar", "CC0"),
    ("dandelion", "contentment", "Dandelions", "Clemens Engelhardt", "CC0"),
    ("ant", "disgust", "Ant", "Andy Fitzsimon, Open Clip Art Library", "public domain"),
    ("stink_bug", "disgust", "Stink bug", "Aubanel Monnier, Open Clip Art Library", "public domain"),
    ("astronaut", "excitement", "Eileen Collins", "NASA Great Images", "public domain"),
    ("skydiver", "excitement", "Skydiver", "Google (Noto Emoji), Endless Sky", "Apache 2.0, public domain"),
    ("ravine", "fear", "Dark ravine", "Aitzol Berasategi", "CC BY 4.0"),
    ("spider", "fear", "Spider", "Andy Fitzsimon, Open Clip Art Library", "public domain"),
    ("boy", "sadness", "Sad boy", "Mike Smick, Open Clip Art Library", "public domain"),
    ("withered_flower", "sadness", "Withered flower", "Karl Blossfeldt, Getty's Open Content Program", "CC0"),
)


def all_samples() -> list[Sample]:
    """Return the sample pictures, sorted by the mood that they were chosen for.

    Examples
    --------
    >>> [sample.title for sample in all_samples() if sample.mood == "contentment"]
    ['Chelsea the cat', 'Coffee cup', 'Dandelions']
    """
    return [Sample(FOLDER / f"{name}.jpg", *description) for name, *description in _PICTURES]
