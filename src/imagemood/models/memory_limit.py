"""Limits the memory that networks of unknown origin can use on the CPU."""

from __future__ import annotations

from functools import cache

import onnxruntime as ort

from imagemood._available_memory import available_bytes

_MIN_BYTES, _SHARE = 2**30, 0.75
_GROW_AS_REQUESTED = 1  # not to a power of 2, which could be twice as much


def limit_memory(options: ort.SessionOptions) -> None:
    """Let a session allocate from the arena that all networks of unknown origin share."""
    _register_arena()
    options.add_session_config_entry("session.use_env_allocators", "1")


@cache
def _register_arena() -> None:
    """Create an arena that cannot grow beyond a share of the memory that is available now."""
    kind = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    max_bytes = max(_MIN_BYTES, int(_SHARE * available_bytes()))
    configuration = {"max_mem": max_bytes, "arena_extend_strategy": _GROW_AS_REQUESTED}
    ort.create_and_register_allocator(kind, ort.OrtArenaCfg(configuration))
