"""Sample pictures: freely licensed photos that are part of scikit-image."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from imagemood.errors import MissingExtraError


@dataclass(frozen=True)
class Sample:
    """A sample picture, with its author or origin and its licence."""

    path: Path
    title: str
    source: str
    licence: str


_PHOTOS = (
    ("chelsea.png", "Chelsea the cat", "Stefan van der Walt", "CC0"),
    ("coffee.png", "Coffee cup", "Rachel Michetti, courtesy of Pikolo Espresso Bar", "CC0"),
    (
        "rocket.jpg",
        "Launch of DSCOVR on Falcon 9",
        "SpaceX, flickr.com/photos/spacexphotos/16511594820",
        "public domain",
    ),
    (
        "hubble_deep_field.jpg",
        "Hubble eXtreme Deep Field",
        "NASA, hubblesite.org/newscenter/archive/releases/2012/37",
        "public domain",
    ),
    ("astronaut.png", "Eileen Collins", "NASA Great Images, flic.kr/p/r9qvLn", "public domain"),
)


def all_samples() -> list[Sample]:
    """Return the sample pictures, in a fixed order, where scikit-image installed them.

    Raises
    ------
    MissingExtraError
        If scikit-image is not installed.

    Examples
    --------
    >>> all_samples()[0].title
    'Chelsea the cat'
    """
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise MissingExtraError("scikit-image", extra="samples")
    folder = Path(spec.origin).parent / "data"
    return [Sample(folder / name, title, source, licence) for name, title, source, licence in _PHOTOS]
