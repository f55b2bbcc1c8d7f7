"""A network of another library, as it is before it is exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemood.models.tagger_card import TaggerCard

if TYPE_CHECKING:
    import PIL.Image

EMBEDDING, SCORES = "tagger_embedding", "tagger_scores"
"""The names of the outputs of an exported network, which no tensor within the network has."""


@dataclass(frozen=True, eq=False)
class Original:
    """A network, and how its own library prepares pictures for it.

    Attributes
    ----------
    module : torch.nn.Module
        Takes prepared pictures (n, 3, size, size), and returns a tuple of the outputs that the card names.
    transform : callable
        Prepares a picture as the library of the network does: returns a tensor (3, size, size).
    card : TaggerCard
        The card of the exported network.
    """

    module: Any
    transform: Callable[[PIL.Image.Image], Any]
    card: TaggerCard

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs, in the order in which the module returns them."""
        return (SCORES, EMBEDDING) if self.card.labels else (EMBEDDING,)


def different_labels(descriptions: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the descriptions of classes, with their names in brackets where several have the same description.

    Examples
    --------
    >>> different_labels(["crane", "crane", "cat"], ["n02012849", "n03126707", "n02121620"])
    ('crane (n02012849)', 'crane (n03126707)', 'cat')
    """
    return tuple(
        f"{description} ({name})" if descriptions.count(description) > 1 or not description else description
        for description, name in zip(descriptions, names, strict=True)
    )
