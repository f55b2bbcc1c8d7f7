"""Distributes chunks over the cores of this machine or over a Ray cluster, with Daft."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import pyarrow as pa

from imagemood import _extras, _usage_reports
from imagemood.bulk.chunks import Chunk
from imagemood.bulk.settings import RESUME_HINT, RunSettings
from imagemood.bulk.worker import Outcome, Worker
from imagemood.errors import InputError, MoodError, RemoteError, first_line
from imagemood.models.device import cpu_count

ENGINES = ("local", "ray")
"""Daft on this machine, or on a Ray cluster."""
_ENVIRONMENT = {**_usage_reports.VARIABLES, "DAFT_PROGRESS_BAR": "0"}  # of this process and of Ray's workers


def start(engine: str = "local", address: str | None = None) -> None:
    """Start Daft, once per process, and turn off its usage reports and those of Ray.

    Parameters
    ----------
    engine : str
        One of `ENGINES`. A process cannot change its engine.
    address : str, optional
        The address of the Ray cluster. Defaults to ``RAY_ADDRESS``, or to a cluster on this machine.

    Raises
    ------
    MissingExtraError
        If Daft or Ray is not installed.
    RemoteError
        If the cluster cannot be reached.
    InputError
        If the engine is unknown, or the process uses another one.
    """
    if engine not in ENGINES:
        raise InputError(f"unknown engine '{engine}'", hint=f"use {' or '.join(ENGINES)}")
    if address is not None and engine != "ray":
        raise InputError("--address requires the engine ray", hint="add --engine ray")
    os.environ.update(_ENVIRONMENT)
    daft = _import("daft", "bulk")
    logging.getLogger("daft").setLevel(logging.CRITICAL)  # errors are raised as exceptions
    if engine == "ray":
        _connect_to_ray(_import("ray", "bulk-ray"), address)
    runner = daft.runners._get_runner()
    name = "ray" if engine == "ray" else "native"
    if runner is not None and runner.name != name:
        raise InputError(
            f"Daft already uses the engine '{runner.name}' in this process", hint="start another process"
        )
    if runner is None:
        daft.set_runner_ray(noop_if_initialized=True) if engine == "ray" else daft.set_runner_native(cpu_count())


def _import(name: str, extra: str) -> ModuleType:
    with _extras.needs(extra):
        return import_module(name)


def _connect_to_ray(ray: Any, address: str | None) -> None:
    if ray.is_initialized():
        return
    try:
        ray.init(
            address=address or os.environ.get("RAY_ADDRESS") or "auto",
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            runtime_env={"env_vars": _ENVIRONMENT},
        )
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        raise RemoteError(
            f"cannot connect to a Ray cluster: {first_line(error)}",
            where=address,
            hint="start one with: ray start --head",
        ) from error


def _processor(settings: RunSettings, model: str) -> Callable[[str, bytes], Outcome]:
    """Load the models and return the function that processes chunks; if loading fails, it returns the error."""
    try:
        return Worker(settings, model).process
    except MoodError as error:
        outcome = Outcome(0, str(error))
        return lambda file_name, packed_entries: outcome  # noqa: ARG005


def process_chunks(settings: RunSettings, model: str, chunks: Sequence[Chunk]) -> Iterator[Outcome]:
    """Process chunks in any order, and yield the outcome of each as soon as it is finished.

    `model` is the hash of the models. If the engine fails, a `RemoteError` is raised.
    """
    import daft  # noqa: PLC0415 (an extra that only bulk runs need)

    outcome_type = daft.DataType.struct({"n_pictures": daft.DataType.int64(), "error": daft.DataType.string()})

    class DaftWorker:
        def __init__(self, settings: RunSettings, model: str) -> None:
            self._process = _processor(settings, model)

        @daft.method.batch(return_dtype=outcome_type, batch_size=1)
        def process(self, file_name: daft.Series, packed_entries: daft.Series) -> list[dict[str, Any]]:
            rows = zip(file_name.to_pylist(), packed_entries.to_pylist(), strict=True)
            return [vars(self._process(*row)) for row in rows]

    # The threads of the engine share one cascade. Each thread reads, decodes and classifies its own chunk, so that
    # all cores are busy without another pool of threads or processes.
    worker = daft.cls(DaftWorker, use_process=False)(settings, model)
    table = pa.table(
        {
            "file_name": pa.array([chunk.file_name for chunk in chunks], pa.string()),
            "packed_entries": pa.array([chunk.packed_entries for chunk in chunks], pa.large_binary()),
        }
    )
    frame = daft.from_arrow(table)
    if daft.runners.get_or_infer_runner_type() == "ray":
        frame = frame.into_partitions(
            len(chunks)
        )  # a partition is assigned to a node, and again if the node fails
    query = frame.select(worker.process(daft.col("file_name"), daft.col("packed_entries")).alias("outcome"))
    try:
        for row in query.iter_rows(results_buffer_size=None):
            yield Outcome(**row["outcome"])
    except Exception as error:  # Daft and Ray raise dozens of unrelated classes
        raise RemoteError(f"the engine failed: {first_line(error)}", hint=RESUME_HINT) from error
