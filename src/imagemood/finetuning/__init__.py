"""Fine-tunes the mood body of the network on labelled photos, with PyTorch."""

from __future__ import annotations

from imagemood import _extras

with _extras.needs("export"):  # other packages of this extra are required where they are used
    import torch  # noqa: F401
