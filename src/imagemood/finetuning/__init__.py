"""Fine-tunes the mood body of the network on labelled photos, with PyTorch."""

from __future__ import annotations

from imagemood import _extras

_extras.require("export")  # before the modules of this package are imported
