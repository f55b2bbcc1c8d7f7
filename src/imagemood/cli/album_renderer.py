"""Renders albums of similar pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagemood.cli import output

if TYPE_CHECKING:
    from rich.table import Table

    from imagemood.albums.clustering import Album
    from imagemood.albums.collection import Collection
    from imagemood.tables.column_table import Columns


@dataclass(frozen=True)
class Albums:
    """The pictures of a collection in albums, the largest one first."""

    collection: Collection
    albums: list[Album]

    def to_table(self) -> Table:
        """Return a table with a row for each album."""
        table = output.new_table()
        for name in ("album", "pictures"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("mood", no_wrap=True)
        table.add_column("mean probability", justify="right", no_wrap=True)
        table.add_column("representative", overflow="fold")
        for number, album in enumerate(self.albums, start=1):
            mood, probability = next(iter(album.moods.items()))
            table.add_row(
                str(number),
                f"{len(album.pictures):,}",
                output.cell(mood),
                f"{probability:.1%}",
                output.cell(self.collection.images[album.representative]),
            )
        return table

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """Yield one object for each album."""
        for number, album in enumerate(self.albums, start=1):
            images = [self.collection.images[i] for i in album.pictures]
            yield {"album": number, "moods": album.moods, "representative": images[0], "pictures": images}

    def to_columns(self) -> Columns:
        """Return a row for each picture; that of rank 1 represents its album."""
        from imagemood.tables.column_table import Column

        rows = [
            (number, rank, self.collection.images[i], next(iter(album.moods)))
            for number, album in enumerate(self.albums, start=1)
            for rank, i in enumerate(album.pictures, start=1)
        ]
        kinds = {"album": int, "rank": int, "path": str, "mood_of_album": str}
        return {name: Column([row[k] for row in rows], kind) for k, (name, kind) in enumerate(kinds.items())}
