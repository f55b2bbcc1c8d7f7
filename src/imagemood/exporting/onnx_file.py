"""Writes a network as ONNX."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

from imagemood.errors import ModelError, first_line
from imagemood.exporting.libraries import import_library, quiet
from imagemood.exporting.original import Original
from imagemood.models.model_files import MAX_NETWORK_BYTES

_OPSET = 18
_INPUT = "image"
_N_PICTURES = 2  # PyTorch would take a batch of one picture as a fixed size


def to_onnx(original: Original) -> bytes:
    """Return a network as ONNX; raise `ModelError` if PyTorch cannot export it.

    It takes batches of any size, or of one picture if the network does not allow that.
    """
    torch: Any = import_library("torch")
    import_library("onnxscript")
    problem: Exception | None = None
    for n_pictures in (_N_PICTURES, 1):
        pictures = torch.zeros(n_pictures, 3, original.card.size_px, original.card.size_px)
        shapes = {_INPUT: {0: torch.export.Dim("batch")}} if n_pictures > 1 else None
        try:
            return _export(torch, original, pictures, shapes)
        except ModelError:
            raise
        except Exception as error:  # many unrelated classes
            problem = problem or error
    reason = _reason(problem) if problem else ""
    raise ModelError(f"cannot be exported to ONNX: {reason}", where=original.card.source) from problem


def _reason(error: Exception) -> str:
    """Return the cause that PyTorch states below its general advice, or the first line of the message."""
    cause = re.search(r"^<class '[\w.]+'>: (.+)$", str(error), re.MULTILINE)
    return cause[1] if cause else first_line(error)


def _export(torch: Any, original: Original, pictures: Any, shapes: Any) -> bytes:
    with quiet(), torch.inference_mode(), contextlib.redirect_stdout(io.StringIO()):
        program = torch.onnx.export(
            original.module,
            (pictures,),
            dynamo=True,
            input_names=[_INPUT],
            output_names=list(original.outputs),
            dynamic_shapes=shapes and (shapes[_INPUT],),
            opset_version=_OPSET,
            verbose=False,
        )
    n_bytes = sum(tensor.const_value.nbytes for tensor in program.model.graph.initializers.values())
    if n_bytes > MAX_NETWORK_BYTES:
        raise ModelError(
            f"too large: {n_bytes / 1e9:.1f} GB of weights, more than fit in one ONNX file",
            where=original.card.source,
            hint="use a smaller network of the same family",
        )
    content: bytes = program.model_proto.SerializeToString()
    return content
