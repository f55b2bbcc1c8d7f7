"""Time from the key to the answer: help, and the first picture, each in a process of its own.

    python benchmarks/startup.py

Needs what `benchmarks/requirements.txt` names. Figures go to `benchmarks/results/startup.json`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import contest

import pictures
from imagemood import builtin

HERE = Path(__file__).parent
EAGER = "import sys; sys.path.insert(0, sys.argv[1]); import eager, pathlib; " + (
    "eager.contestant([pathlib.Path(sys.argv[2])])()"
)
PLAIN = "import sys; import numpy, onnxruntime, PIL.Image; " + (
    "pixels = numpy.asarray(PIL.Image.open(sys.argv[2]).convert('RGB').resize((224, 224)))[numpy.newaxis]; "
    "onnxruntime.InferenceSession(sys.argv[1]).run(None, {'image': pixels})"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        (photo,) = pictures.make(Path(made) / "photos", 224, 1, None)

        def process(*arguments: str | Path) -> None:
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

        help_s = contest.in_turns(
            {
                "imagemood --help": lambda: process("-m", "imagemood", "--help"),
                "python -c pass": lambda: process("-c", "pass"),
            },
            n_rounds=9,
        )
        contest.show("Help", "s", help_s)
        first_s = contest.in_turns(
            {
                "imagemood classify": lambda: process("-m", "imagemood", "classify", photo),
                "ONNX Runtime and Pillow": lambda: process("-c", PLAIN, builtin.path("network.onnx"), photo),
                "timm, PyTorch eager": lambda: process("-c", EAGER, HERE, photo),
            }
        )
        contest.show("First answer", "s", first_s)
    contest.keep("startup", {"help_s": contest.named(help_s), "first_answer_s": contest.named(first_s)})


if __name__ == "__main__":
    main()
