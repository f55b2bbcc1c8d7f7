"""Hatch build hook that adds the web page to wheels and source distributions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "web"))
import build_page


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the page, except for editable installations, which must be quick; `make page` builds it there."""

    def dependencies(self) -> list[str]:
        """Return the requirement for Node.js if the machine does not have it."""
        return build_page.missing_requirements()

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before Hatch collects the package's files."""
        if version == "editable" or os.environ.get(build_page.SKIP_VARIABLE) == "1":
            return
        try:
            build_page.build()
        except build_page.PageError as error:
            sys.exit(f"hatch_build: {error}")
        build_data["artifacts"].append("src/imagemood/serve/static/**")
