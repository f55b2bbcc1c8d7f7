"""The input and the outputs of a tagger's network, checked against its card."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from imagemood.errors import IncompatibleModelError
from imagemood.models.network import Network
from imagemood.models.output_checks import check_is_float
from imagemood.models.tagger_card import TaggerCard
from imagemood.models.tagger_output import OutputName


@dataclass(frozen=True)
class PictureInput:
    """The input of a network: its type, whether the channels come first, and the batch size if that is fixed."""

    name: str
    dtype: type[np.uint8] | type[np.float32]
    channels_first: bool
    batch_size: int | None


def check_input(network: Network, card: TaggerCard) -> PictureInput:
    """Return the input for pictures; raise `IncompatibleModelError` if the network takes anything else."""
    if len(network.inputs) != 1:
        raise IncompatibleModelError(
            f"the network takes {len(network.inputs)} inputs instead of one picture", where=network.name
        )
    for switch in card.switches:
        if switch not in network.switches:
            raise IncompatibleModelError(
                f"the network has no optional Boolean input '{switch}'", where=network.name
            )
    ((name, shape),) = network.inputs.items()
    types: dict[str, Any] = {"uint8": np.uint8, "float": np.float32}
    dtype = types.get(network.input_types[name])
    channels_first = len(shape) == 4 and shape[1] == 3
    sides = shape[2:] if channels_first else shape[1:3]
    other_sizes = {side for side in sides if isinstance(side, int)} - {card.size_px}
    if dtype is None or len(shape) != 4 or 3 not in (shape[1], shape[3]) or other_sizes:
        raise IncompatibleModelError(
            f"the network takes {network.input_types[name]} of shape {list(shape)} instead of "
            f"colour pictures of {card.size_px}×{card.size_px} pixels",
            where=network.name,
        )
    batch_size = shape[0] if isinstance(shape[0], int) else None
    if batch_size not in (None, 1):
        raise IncompatibleModelError(
            f"the network takes batches of exactly {batch_size} pictures",
            where=network.name,
            hint="export it with a batch size of 1, or with a variable batch size",
        )
    return PictureInput(name, dtype, channels_first, batch_size)


def check_outputs(network: Network, card: TaggerCard) -> dict[OutputName, str]:
    """Return the names of the outputs; raise `IncompatibleModelError` if they do not match the card."""
    scores = (card.scores or next(iter(network.outputs))) if card.labels else None
    switched = itertools.chain.from_iterable(card.switches.values())
    for output in (scores, card.embedding, card.moods, card.mood_maps, *switched):
        if output is not None and output not in network.outputs:
            hint = f"the outputs are {', '.join(network.outputs)}"
            raise IncompatibleModelError(f"the network has no output '{output}'", where=network.name, hint=hint)
    names: dict[OutputName, str | None] = {
        "tags": scores,
        "embedding": card.embedding,
        "mood_maps": card.mood_maps,
    }
    outputs = {key: name for key, name in names.items() if name is not None}
    for name in outputs.values():
        check_is_float(name, network.output_types, network.name)
    n_scores = network.outputs[scores][-1:] if scores else ()
    if n_scores and isinstance(n_scores[0], int) and n_scores[0] != len(card.labels):
        raise IncompatibleModelError(
            f"the network has {n_scores[0]} scores, but its card has {len(card.labels)} labels",
            where=network.name,
        )
    n_maps = network.outputs[card.mood_maps][1:2] if card.mood_maps else ()
    if n_maps and n_maps[0] != len(card.mood_labels):
        raise IncompatibleModelError(
            f"the network has {n_maps[0]} mood maps, but its card has {len(card.mood_labels)} mood_labels",
            where=network.name,
        )
    return outputs
