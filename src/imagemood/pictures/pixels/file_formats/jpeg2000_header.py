"""Reads how a JPEG 2000 codestream is divided: into tiles, resolutions and precincts."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits

CODESTREAM = b"\xff\x4f\xff\x51"
_CODING_STYLE, _COMPONENT_STYLE, _START_OF_TILE, _START_OF_DATA = 0xFF52, 0xFF53, 0xFF90, 0xFF93
_MARKERS = range(0xFF40, 0xFF80)  # of segments with a length
_BYTES_PER_TILE = 16_000
_BYTES_PER_PRECINCT = 1_800  # of a component, in the one tile that is decoded at a time
_BYTES_PER_PACKET = 2  # of a layer of a precinct
_TILE_HEADER_BYTES = 12
_LARGEST_PRECINCT = 0xFF  # two exponents of 15


class _Style(NamedTuple):
    """How often a component is halved, its number of layers, and the sizes of precincts by resolution."""

    n_levels: int
    n_layers: int
    precincts: bytes


class CodestreamHeader:
    """The division of a JPEG 2000 codestream, of which every tile can have a style of its own.

    Parameters
    ----------
    codestream : memoryview
        The codestream.

    Attributes
    ----------
    n_levels : int
        How often all components of all tiles can be halved.
    decoder_bytes : int
        An estimate of the memory for tiles and precincts.

    Raises
    ------
    ImageError
        If there are too many precincts.
    ValueError
        If the codestream is damaged.
    """

    def __init__(self, codestream: memoryview) -> None:
        try:
            # The size of the grid, the place of the image on it, and the size and place of the first tile.
            numbers: tuple[int, ...] = struct.unpack_from(">8IH", codestream, 8)
            styles = list(_styles(codestream))
        except (struct.error, IndexError):
            raise ValueError("truncated") from None
        width, height, _, _, tile_width, tile_height, left, top, n_components = numbers
        if not tile_width or not tile_height:
            raise ValueError("the tiles have no size")
        n_tiles = -(-(width - left) // tile_width) * -(-(height - top) // tile_height)
        tile = min(tile_width, width), min(tile_height, height)
        n_precincts = n_components * max((_n_precincts(tile, style) for style in styles), default=1)
        if n_precincts * n_tiles > limits.MAX_JPEG2000_PRECINCTS:
            raise ImageError(f"too many tiles or precincts: more than {limits.MAX_JPEG2000_PRECINCTS:,}")
        self.n_levels = min((style.n_levels for style in styles), default=0)
        n_layers = max((style.n_layers for style in styles), default=1)
        packets = _BYTES_PER_PACKET * n_layers * n_precincts
        self.decoder_bytes = _BYTES_PER_TILE * n_tiles + _BYTES_PER_PRECINCT * n_precincts + packets


def _n_precincts(tile: tuple[int, int], style: _Style) -> int:
    """Return the number of precincts of a component of a tile, in all resolutions."""
    n_precincts = 0
    for level in range(style.n_levels + 1):
        size = style.precincts[level] if level < len(style.precincts) else _LARGEST_PRECINCT
        width, height = (-(-side >> (style.n_levels - level)) for side in tile)
        n_precincts += (-(-width >> (size & 15))) * (-(-height >> (size >> 4)))
    return n_precincts


def _styles(codestream: memoryview) -> Iterator[_Style]:
    """Yield the styles of all components, of single components, and of single tiles."""
    n_layers = 1
    for marker, start in _segments(codestream):
        if marker == _CODING_STYLE:
            n_layers = codestream[start + 2] << 8 | codestream[start + 3]
            yield _style(codestream, start, start + 5, n_layers)
        elif marker == _COMPONENT_STYLE:
            yield _style(codestream, start + 1, start + 2, n_layers)


def _style(codestream: memoryview, flags: int, levels: int, n_layers: int) -> _Style:
    n_levels = codestream[levels]
    has_precincts = codestream[flags] & 1
    precincts = codestream[levels + 5 : levels + 6 + n_levels] if has_precincts else b""
    return _Style(n_levels, n_layers, bytes(precincts))


def _segments(codestream: memoryview) -> Iterator[tuple[int, int]]:
    """Yield the marker of each segment in the headers of the file and its tiles, and where its data start."""
    position, next_tile = 2, len(codestream)
    for _ in range(limits.MAX_BLOCKS):
        if position + 4 > len(codestream):
            return
        (marker,) = struct.unpack_from(">H", codestream, position)
        if marker == _START_OF_TILE:
            (length,) = struct.unpack_from(">I", codestream, position + 6)
            next_tile = position + length if length else len(codestream)
            position += _TILE_HEADER_BYTES
        elif marker == _START_OF_DATA:
            if next_tile <= position:
                return
            position = next_tile
        elif marker in _MARKERS:
            yield marker, position + 4
            position += 2 + max(2, codestream[position + 2] << 8 | codestream[position + 3])
        else:
            return
    raise ImageError(f"too many parts of tiles: more than {limits.MAX_BLOCKS:,}")
