"""Have the web page built into wheels and source distributions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "web"))
import build_page


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the page, but not for an editable installation, which is to be quick: `make page` does it there."""

    def dependencies(self) -> list[str]:
        """Ask for Node where the machine has none."""
        return build_page.needs()

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before files are collected."""
        if version == "editable" or os.environ.get(build_page.SKIP) == "1":
            return
        try:
            build_page.build()
        except build_page.PageError as error:
            sys.exit(f"hatch_build: {error}")
        build_data["artifacts"].append("src/imagemood/serve/static/**")
