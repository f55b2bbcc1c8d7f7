"""The process that `imagemood.models.trial` starts: it loads a network and runs it twice, within limits.

It is run as a script, and imports only what it needs, so that it starts quickly. The arguments are the options and
the search path of modules, as JSON; standard input contains the network.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import sys

READY, NO_MEMORY = b"ready\n", b"no memory\n"
_MAX_INPUT_SIZE = 2**27
_FATAL = 4
ALLOCATION_FAILURE = re.compile(
    r"bad_alloc|Failed to allocate|Available memory of|Unable to allocate|out of memory"
)
"""Messages of ONNX Runtime if it cannot allocate memory."""
_ADDRESS_SPACE_BYTES = 4 * 2**30  # what libraries and threads reserve without using it


def main() -> None:
    """Try the network on standard input, and write what happened to standard output."""
    options, sys.path[:] = json.loads(sys.argv[1]), json.loads(sys.argv[2])
    import numpy as np  # noqa: PLC0415 (after the search path was set)
    import onnxruntime as ort  # noqa: PLC0415

    ort.disable_telemetry_events()
    content = sys.stdin.buffer.read()
    _limit_resources(options["cpu_s"], options["memory_bytes"])
    os.write(1, READY)
    try:
        session_options = ort.SessionOptions()
        session_options.log_severity_level = _FATAL
        session_options.intra_op_num_threads = session_options.inter_op_num_threads = 1
        session = ort.InferenceSession(content, session_options, providers=["CPUExecutionProvider"])
        types = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
        for value in (0, 1):
            arrays = {
                node.name: np.full(_sizes(node.shape, options["side_px"]), value, types[node.type])
                for node in session.get_inputs()
            }
            session.run(None, arrays)
    except MemoryError:
        os.write(1, NO_MEMORY)
    except Exception as error:  # occurs again in the process that uses the network
        if ALLOCATION_FAILURE.search(str(error)):
            os.write(1, NO_MEMORY)
    os._exit(0)


def _sizes(shape: list[int | str | None], side_px: int) -> list[int]:
    """Return the shape of an input for one picture; `side_px` replaces the variable sizes."""
    sizes = [size if isinstance(size, int) else (side_px if axis else 1) for axis, size in enumerate(shape)]
    if math.prod(sizes) > _MAX_INPUT_SIZE:
        raise ValueError("too large")
    return sizes


def _limit_resources(cpu_s: int, memory_bytes: int) -> None:
    try:
        import resource  # noqa: PLC0415 (not available on Windows)
    except ImportError:
        return
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_AS, memory_bytes + _ADDRESS_SPACE_BYTES),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS does not support all of them
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    main()
