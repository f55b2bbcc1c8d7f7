"""Time new processes: `imagemood --help`, and the classification of a first picture.

    python benchmarks/startup.py

Requires the packages of `benchmarks/requirements.txt`. The results go to `benchmarks/results/startup.json`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import benchmark_photos
import timing

from imagemood import builtin

HERE = Path(__file__).parent
TIMM = "import sys; sys.path.insert(0, sys.argv[1]); import timm_network, pathlib; " + (
    "timm_network.make_candidate([pathlib.Path(sys.argv[2])])()"
)
ONNX_RUNTIME = "import sys; import numpy, onnxruntime, PIL.Image; " + (
    "pixels = numpy.asarray(PIL.Image.open(sys.argv[2]).convert('RGB').resize((224, 224)))[numpy.newaxis]; "
    "onnxruntime.InferenceSession(sys.argv[1]).run(None, {'image': pixels})"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        (photo,) = benchmark_photos.make_photos(Path(temporary) / "photos", 224, 1, None)

        def run_python(*arguments: str | Path) -> None:
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

        help_s = timing.time_alternately(
            {
                "imagemood --help": lambda: run_python("-m", "imagemood", "--help"),
                "python -c pass": lambda: run_python("-c", "pass"),
            },
            n_rounds=9,
        )
        timing.print_table("Start of the process", "s", help_s)
        first_s = timing.time_alternately(
            {
                "imagemood classify": lambda: run_python("-m", "imagemood", "classify", photo),
                "ONNX Runtime and Pillow": lambda: run_python(
                    "-c", ONNX_RUNTIME, builtin.path("network.onnx"), photo
                ),
                "timm, PyTorch eager": lambda: run_python("-c", TIMM, HERE, photo),
            }
        )
        timing.print_table("First photo", "s", first_s)
    timing.save_results("startup", {"help_s": timing.as_dicts(help_s), "first_answer_s": timing.as_dicts(first_s)})


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    main()
