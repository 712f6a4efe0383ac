"""Setting up the array compiler: double precision, one core per process, and a cache of compiled programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

CACHE_VARIABLE = "EUEXIA_CACHE_DIR"
"""Environment variable that moves the cache; ``off`` switches it off."""


def cache_folder() -> Path | None:
    """Return the folder for compiled programs, made if need be; None where there can be none."""
    chosen = os.environ.get(CACHE_VARIABLE, "")
    if chosen == "off":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache")
    folder = Path(chosen) if chosen else Path(base) / "euexia"
    try:
        folder = folder / "compiled"
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:  # a read-only home costs a few seconds of compilation, nothing else
        return None
    return folder


def set_up() -> None:
    """Configure the array compiler, before its first use; settings of the environment win."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false --xla_cpu_prefer_vector_width=512")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax

    config: Any = jax.config
    config.update("jax_enable_x64", True)
    folder = cache_folder()
    if folder is not None and not config.jax_compilation_cache_dir:
        config.update("jax_compilation_cache_dir", str(folder))
        config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        config.update("jax_persistent_cache_min_entry_size_bytes", -1)
