from __future__ import annotations

import sys
import warnings

import pytest

from imagemood.models import cuda_session


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            "/ort/cuda_call.cc:129 bool CudaCall() [with ERRTYPE = cudaError] CUDA failure 2: out of memory ; "
            "GPU=0 ; hostname=box\nsecond line",
            "CUDA failure 2: out of memory",
        ),
        ("CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR ; GPU=0", "CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR"),
        ("something else\nat file.cc", "something else"),
    ],
)
def test_reason_of_a_cuda_failure(message, reason):
    assert cuda_session._cuda_failure(RuntimeError(message)) == reason


def test_messages_of_onnxruntime_are_suppressed_only_while_a_session_starts(capfd):
    with cuda_session._silenced():
        sys.stdout.write("a library is missing\n")
        warnings.warn("a library is missing", stacklevel=1)
    sys.stdout.write("visible\n")
    assert capfd.readouterr().out == "visible\n"
    with pytest.warns(UserWarning, match="visible"):
        warnings.warn("visible", stacklevel=1)
