"""The command `info`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from imagemood._text import printable
from imagemood.cli import options, output
from imagemood.cli.options import SummaryFormat


def info(
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    output_format: Annotated[SummaryFormat, typer.Option("--format", help="Output format.")] = SummaryFormat.text,
) -> None:
    """Show the versions, the tagger, the model, their hash, the moods and the device.

    Example: imagemood info --format json
    """
    import platform

    import imagemood
    from imagemood.models.loading import load_models
    from imagemood.models.model_hash import model_hash
    from imagemood.models.network import ONNXRUNTIME_VERSION

    loaded, classifier = load_models(model, tagger, device=device)
    card, metadata = loaded.card, classifier.metadata
    facts: dict[str, Any] = {
        "version": imagemood.__version__,
        "python": platform.python_version(),
        "onnxruntime": ONNXRUNTIME_VERSION,
        "device": loaded.network.device,
        "providers": loaded.network.providers,
        "tagger": card.name,
        "tags": len(card.labels),
        "picture size": card.size_px,
        "model": classifier.network.name,
        "hash": model_hash(model, tagger),
        "algorithm": metadata.algorithm,
        "inputs": list(metadata.inputs),
        "moods": list(metadata.labels),
        "training images": metadata.training_set.get("n_images"),
    }
    if output_format is SummaryFormat.json:
        output.emit_json(facts, None)
        return
    lines = (
        f"{name:16} {', '.join(value) if isinstance(value, list) else value}" for name, value in facts.items()
    )
    output.emit("".join(printable(line) + "\n" for line in lines), None)
