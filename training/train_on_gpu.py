"""Train the built-in network on a GPU: larger networks as teachers, and students that are trained with them.

    python training/train_on_gpu.py pack PHOTOS -o PARTS --max-mb 60
    python training/train_on_gpu.py train PARTS --work WORK -o OUT --minutes 4 9
    python training/train_on_gpu.py join OUT/networks.* --name none -o WORK/checkpoint.pt
    python training/train_on_gpu.py predictions OUT/predictions.npz -o WORK

`pack` writes the photos and the published weights to files of limited size, for a machine without a network that
receives them one after the other. `train` trains the ten teachers of `cross_fitting.py`, and then a student for
each fold and one on all photos, several at the same time. WORK keeps the finished networks, and the same command
trains those that are missing. It needs only the modules of this folder, `imagemood.finetuning` and their
dependencies. The averaged weights of the students, in half precision, and their predictions for the photos that
they were not trained on are written to OUT in files of at most 16 MiB. `join` converts a student to a checkpoint
for `export_network.py`, and `predictions` writes those of each network for `build_mood_classifiers.py`.
Without a GPU, `--steps 10` tries everything on the CPU.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import gpu_worker
import numpy as np
import photo_parts
import photos
import torch
from cross_fitting import PAIRS, teachers_of
from numpy.typing import NDArray

from imagemood.finetuning.network import SIZE_PX

PART_BYTES = 16 * 2**20
STUDENTS = ("none", "0", "1", "2", "3", "4")


def pack(folder: Path, output: Path, max_mb: float, sizes: tuple[str, ...]) -> None:
    """Write the photos and the published weights to files in OUTPUT."""
    import published  # needs packages that the machine with the GPU may lack

    output.mkdir(parents=True, exist_ok=True)
    weights = {}
    for size in sizes:
        state = published.load(size).state_dict()
        kept = {name: value for name, value in state.items() if not name.startswith(("mood", "tags"))}
        weights[size] = {name: value.half() if name.endswith("weight") else value for name, value in kept.items()}
    torch.save(weights, output / "weights.pt")
    for file in photo_parts.pack(photos.read(folder), output, int(max_mb * 1e6)):
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def train(options: argparse.Namespace) -> None:
    """Train all networks that WORK lacks; write those that are finished to OUT, again after each one."""
    for folder in (options.work, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    start = time.time()
    pixels_file = options.work / "pixels.npy"
    packed = photo_parts.unpack(options.parts)
    if not pixels_file.is_file():
        shape = (len(packed), SIZE_PX, SIZE_PX, 3)
        pixels = np.lib.format.open_memmap(pixels_file.with_suffix(".part"), "w+", np.uint8, shape)
        packed.decode(pixels)
        pixels.flush()
        pixels_file.with_suffix(".part").rename(pixels_file)
    print(f"{len(packed)} photos decoded after {time.time() - start:.0f} s", file=sys.stderr)
    pool = ProcessPoolExecutor(
        options.n_processes, get_context("spawn"), gpu_worker.initialise, (options, pixels_file, start)
    )
    needed = [pair for pair in PAIRS if any(pair in teachers_of(name) for name in options.students)]
    with pool:
        for stage, names in ((gpu_worker.train_teacher, needed), (gpu_worker.train_student, options.students)):
            started = [pool.submit(stage, name) for name in names]
            for future in as_completed(started):
                print(json.dumps(future.result() | {"after_s": round(time.time() - start)}), flush=True)
                bundle(options.work, options.output, packed.names)


def bundle(work: Path, output: Path, names: NDArray[np.str_]) -> None:
    """Write all finished students to `networks.00` and so on, and the predictions of all networks to one file."""
    students = {file.stem.split("_")[1]: torch.load(file, weights_only=True) for file in work.glob("student_*.pt")}
    content = io.BytesIO()
    torch.save(students, content)
    for i, start in enumerate(range(0, len(content.getvalue()), PART_BYTES)):
        part = output / f"networks.{i:02}"
        part.with_suffix(".part").write_bytes(content.getvalue()[start : start + PART_BYTES])
        part.with_suffix(".part").replace(part)
    predictions = {file.stem: np.load(file) for file in work.glob("*_*.npy")}
    np.savez(output / "predictions.npz", names=names, **predictions)


def join(files: list[Path], name: str, output: Path) -> None:
    """Join the parts of `bundle`, in the order of their names, and write a student as a checkpoint."""
    import published

    students = torch.load(io.BytesIO(b"".join(file.read_bytes() for file in sorted(files))), weights_only=True)
    state: dict[str, Any] = students[name]
    network = published.load(state["recipe"]["size"], state["recipe"]["n_shared"])
    network.load_state_dict(state["average"], strict=False)  # the others are published
    output.parent.mkdir(parents=True, exist_ok=True)
    torch.save({**state, "average": network.state_dict()}, output)


def split_predictions(file: Path, output: Path) -> None:
    """Write the logits of each network for the photos that it was not trained on to a file of its name."""
    output.mkdir(parents=True, exist_ok=True)
    with np.load(file) as stored:
        for name in filter("names".__ne__, stored.files):
            is_held_out = np.isfinite(stored[name]).all(axis=1)
            np.savez(output / f"{name}.npz", names=stored["names"][is_held_out], logits=stored[name][is_held_out])


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="write the photos and the published weights to files")
    packing.add_argument("photos", type=Path, help="folder with a subfolder of photos for each mood")
    packing.add_argument("-o", "--output", type=Path, required=True)
    packing.add_argument("--max-mb", type=float, default=60.0, help="encoded photos in a file")
    packing.add_argument("--sizes", nargs="+", default=["lite0", "lite2"], help="published networks")
    learning = commands.add_parser("train", help="train the teachers and the students")
    learning.add_argument("parts", type=Path, help="folder with the files of `pack`")
    learning.add_argument("--work", type=Path, required=True)
    learning.add_argument("-o", "--output", type=Path, required=True)
    learning.add_argument("--margins", type=Path, help=".npz with other predictions, see cross_fitting.Labelled")
    learning.add_argument(
        "--minutes",
        type=float,
        nargs=2,
        default=(4.5, 9.5),
        help="when teachers and students must be done",
    )
    learning.add_argument("--students", nargs="+", default=STUDENTS, help="folds to hold out, or none")
    learning.add_argument("--n-processes", type=int, default=6, help="networks trained at the same time")
    learning.add_argument("--steps", type=int, help="number of steps of each training, to try the script")
    learning.add_argument("--n-epochs", type=int, nargs=2, default=(8, 20), help="of teachers and of students")
    learning.add_argument("--n-batch", type=int, default=64, help="photos per step")
    learning.add_argument("--teacher", default="lite2", help="size of the teachers")
    learning.add_argument("--student", default="lite0", help="size of the students")
    learning.add_argument("--teacher-px", type=int, nargs=2, default=(224, 256), help="to train and to predict")
    learning.add_argument(
        "--student-px", type=int, nargs="+", default=(192, 224), help="for the epochs, alternately"
    )
    learning.add_argument("--teacher-weight", type=float, default=0.6, help="relative to the labels")
    learning.add_argument("--seed", type=int, default=0)
    joining = commands.add_parser("join", help="write a student as a checkpoint")
    joining.add_argument("parts", type=Path, nargs="+")
    joining.add_argument("--name", default="none", help="the fold that was held out")
    joining.add_argument("-o", "--output", type=Path, required=True)
    splitting = commands.add_parser("predictions", help="write the predictions of each network")
    splitting.add_argument("file", type=Path)
    splitting.add_argument("-o", "--output", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    if options.command == "pack":
        pack(options.photos, options.output, options.max_mb, options.sizes)
    elif options.command == "join":
        join(options.parts, options.name, options.output)
    elif options.command == "predictions":
        split_predictions(options.file, options.output)
    else:
        train(options)
