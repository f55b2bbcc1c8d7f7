from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from imagemood.exporting import hugging_face_networks, open_clip_networks, timm_networks
from imagemood.exporting.original import Original
from imagemood.exporting.tagger_export import ExportedTagger, export_tagger
from tests.exporting import networks


@dataclass(frozen=True)
class Export:
    """An exported tagger, with the original network."""

    folder: Path
    exported: ExportedTagger
    original: Original


class Exports:
    """Exports networks, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._exports: dict[str, Export] = {}

    def __getitem__(self, name: str) -> Export:
        if name not in self._exports:
            self._exports[name] = self._export(name)
        return self._exports[name]

    def _export(self, name: str) -> Export:
        prefix, write, weights = networks.NETWORKS[name]
        source, target = write(self._folder / name), self._folder / f"{name}-tagger"
        options: dict[str, Any] = {"weights": source} if weights else {}
        network = weights or str(source)
        exported = export_tagger(f"{prefix}/{network}", target, **options)
        library = {"timm": timm_networks, "open_clip": open_clip_networks, "hf": hugging_face_networks}[prefix]
        return Export(target, exported, library.load(network, source if weights else None, random=False))


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    return Exports(tmp_path_factory.mktemp("exports"))
