"""Daft spreads chunks over the cores of this machine, or over a Ray cluster."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import pyarrow as pa

from imagemood.bulk.job import Job
from imagemood.bulk.plan import Chunk
from imagemood.bulk.worker import Outcome, Worker
from imagemood.errors import InputError, MissingExtraError, MoodError, RemoteError, first_line
from imagemood.models.device import cpu_count

ENGINES = ("local", "ray")
"""Daft on this machine, or on a Ray cluster."""
_QUIET = {
    "DAFT_ANALYTICS_ENABLED": "0",  # Daft would tell its makers of each import and run
    "DAFT_PROGRESS_BAR": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}


def start(engine: str = "local", address: str | None = None) -> None:
    """Make Daft ready, once in a process: it keeps to the engine it began with.

    Parameters
    ----------
    engine : str
        One of `ENGINES`.
    address : str, optional
        Of the Ray cluster; the one that ``RAY_ADDRESS`` or this machine names by default.

    Raises
    ------
    MissingExtraError
        If Daft or Ray is not installed.
    RemoteError
        If there is no such cluster.
    InputError
        If there is no such engine, or the process began with another.
    """
    if engine not in ENGINES:
        raise InputError(f"there is no engine '{engine}'", hint=f"one of {', '.join(ENGINES)}")
    if address is not None and engine != "ray":
        raise InputError("an address is for the engine ray", hint="add --engine ray")
    os.environ.update(_QUIET)
    daft = _import("daft", "bulk")
    logging.getLogger("daft").setLevel(logging.CRITICAL)  # what goes wrong is raised
    if engine == "ray":
        _join_cluster(_import("ray", "bulk-ray"), address)
    running = daft.runners._get_runner()
    wanted = "ray" if engine == "ray" else "native"
    if running is not None and running.name != wanted:
        raise InputError(f"this process uses Daft's engine '{running.name}' already", hint="start another")
    if running is None:
        daft.set_runner_ray(noop_if_initialized=True) if engine == "ray" else daft.set_runner_native(cpu_count())


def _import(name: str, extra: str) -> ModuleType:
    try:
        return __import__(name)
    except ImportError as error:
        raise MissingExtraError(name, extra=extra) from error


def _join_cluster(ray: Any, address: str | None) -> None:
    if ray.is_initialized():
        return
    try:
        ray.init(
            address=address or os.environ.get("RAY_ADDRESS") or "auto",
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            runtime_env={"env_vars": _QUIET},
        )
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        reason = first_line(error)
        raise RemoteError(
            f"no Ray cluster can be joined: {reason}", where=address, hint="start one with: ray start --head"
        ) from error


def _worker(job: Job, fingerprint: str) -> Callable[[str, bytes], Outcome]:
    """Load the models; where they cannot be used, that is the outcome of whatever comes."""
    try:
        return Worker(job, fingerprint).work
    except MoodError as error:
        outcome = Outcome(0, str(error))
        return lambda part, packed: outcome  # noqa: ARG005


def work(job: Job, fingerprint: str, chunks: Sequence[Chunk]) -> Iterator[Outcome]:
    """Have chunks worked on.

    Parameters
    ----------
    job : Job
        What to do.
    fingerprint : str
        Hash of the models.
    chunks : sequence of Chunk
        The chunks, each of which becomes a file of the dataset.

    Yields
    ------
    Outcome
        Of each chunk, in any order, as soon as it is done.

    Raises
    ------
    RemoteError
        If the engine fails.
    """
    import daft  # noqa: PLC0415 (an extra that only bulk runs need)

    kind = daft.DataType.struct({"n": daft.DataType.int64(), "problem": daft.DataType.string()})

    class DaftWorker:
        def __init__(self, job: Job, fingerprint: str) -> None:
            self._work = _worker(job, fingerprint)

        @daft.method.batch(return_dtype=kind, batch_size=1)
        def work(self, part: daft.Series, packed: daft.Series) -> list[dict[str, Any]]:
            rows = zip(part.to_pylist(), packed.to_pylist(), strict=True)
            return [vars(self._work(*row)) for row in rows]

    # In the process and threads of the engine itself: the threads share one cascade, and each has a chunk of its
    # own, which it reads, decodes and computes; so all cores are busy with no pool beside the engine's.
    worker = daft.cls(DaftWorker, use_process=False)(job, fingerprint)
    table = pa.table(
        {
            "part": pa.array([chunk.part for chunk in chunks], pa.string()),
            "packed": pa.array([chunk.packed for chunk in chunks], pa.large_binary()),
        }
    )
    frame = daft.from_arrow(table)
    if daft.runners.get_or_infer_runner_type() == "ray":
        frame = frame.into_partitions(len(chunks))  # the unit that goes to a node, and again if the node dies
    query = frame.select(worker.work(daft.col("part"), daft.col("packed")).alias("outcome"))
    try:
        for row in query.iter_rows(results_buffer_size=None):
            yield Outcome(**row["outcome"])
    except Exception as error:  # Daft and Ray raise dozens of unrelated classes
        reason = first_line(error)
        raise RemoteError(
            f"the engine failed: {reason}", hint="run the same command again; it goes on from what is finished"
        ) from error
