"""A cache of compiled functions on disk that cannot be stale.

Numba's own cache looks at one file, so it would run an old rule after an edit elsewhere, and it never hits
for kernels made in a factory.  Here the name of a file says all that the code in it was made from: the text
of this package's `agents` folder, the byte code and the constants of every function within reach, the types
of the arguments, and the versions of Python, Numba, LLVM and the processor.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import logging
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher

from .rows import RowType, owners
from .tables import TableType

logger = logging.getLogger("dorsalhorn")
AGENTS = Path(__file__).resolve().parents[1]
VERSIONS = f"{sys.implementation.cache_tag} {numba.__version__} {llvmlite.__version__} {np.__version__}"


def sha(*parts: Any) -> str:
    """Short digest of the text of its arguments."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24]


def folder() -> Path:
    """Where compiled functions are kept: ``dorsalhorn`` in NUMBA_CACHE_DIR or in the user's cache folder."""
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "dorsalhorn" / sha(AGENTS)[:8]


def _read_sources() -> str:
    return sha(*(f"{path.relative_to(AGENTS)}\0{path.read_text()}" for path in sorted(AGENTS.rglob("*.py"))))


SOURCES = _read_sources()  # at import: what is being loaded now, not what an editor writes later


def _code(code: CodeType) -> Iterator[str]:
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield repr(constant)


def reach(thing: Any, seen: set[int]) -> Iterator[str]:
    """All that compiling `thing` would freeze: its code, and what it names, however deep."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, Dispatcher):
        yield from reach(thing.py_func, seen)
    elif isinstance(thing, FunctionType):
        yield from _code(thing.__code__)
        yield repr(thing.__defaults__)
        names = [name for code in _codes(thing.__code__) for name in code.co_names]
        for name in names:
            if name in thing.__globals__:
                yield name
                value = thing.__globals__[name]
                if isinstance(value, ModuleType):  # math.exp, or curves.saturate
                    for attribute in names:
                        yield from reach(getattr(value, attribute, None), seen)
                else:
                    yield from reach(value, seen)
        for cell in thing.__closure__ or ():
            with contextlib.suppress(ValueError):  # still empty
                yield from reach(cell.cell_contents, seen)
    elif isinstance(thing, np.ndarray):
        yield f"{thing.dtype} {thing.shape} {hashlib.sha256(thing.tobytes()).hexdigest()}"
    elif isinstance(thing, tuple):
        for item in thing:
            yield from reach(item, seen)
    elif isinstance(thing, TableType):
        for rule in getattr(owners.get(thing.owner), "rules", {}).values():
            yield from reach(rule, seen)
        for _, kind in thing.fields:
            if isinstance(kind, TableType):
                yield from reach(kind, seen)
    elif isinstance(thing, RowType):
        yield from reach(thing.table, seen)
    elif isinstance(thing, type):
        members = getattr(thing, "_fields", None) or getattr(thing, "__members__", "")
        yield f"{thing.__module__}.{thing.__qualname__} {members}"
    else:
        yield getattr(thing, "__qualname__", None) or repr(thing)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


class SourceCache(_Cache):
    """What Numba asks for compiled code and gives it to; see the module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._enabled = True
        self._file = ""
        with contextlib.suppress(OSError, TypeError):
            self._file = Path(inspect.getfile(function)).read_text()

    @property
    def cache_path(self) -> str:
        """Folder of the compiled files."""
        return str(folder())

    def enable(self) -> None:
        """Use the disk."""
        self._enabled = True

    def disable(self) -> None:
        """Compile in memory only."""
        self._enabled = False

    def flush(self) -> None:
        """Delete every file of this function."""
        for path in folder().glob(f"{self._name()}-*.nbc"):
            path.unlink(missing_ok=True)

    def _name(self) -> str:
        full = f"{self._function.__module__}.{self._function.__qualname__}"
        return re.sub(r"[^\w.]+", "_", full)[-120:]

    def _path(self, sig: Any, codegen: Any) -> tuple[Path, str] | None:
        """File of this signature, and the part of its name common to all its versions."""
        target = f"{sig}\0{codegen.magic_tuple()}"
        parts = list(reach(self._function, set()))
        for argument in sig if isinstance(sig, tuple) else sig.args:
            parts.extend(reach(argument, set()))
        if " at 0x" in target or any(" at 0x" in part for part in parts):
            return None  # made from something that has no name outside this process
        prefix = f"{self._name()}-{sha(target)}"
        return folder() / f"{prefix}-{sha(VERSIONS, SOURCES, self._file, *parts)}.nbc", prefix

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function from disk, or None."""
        target_context.refresh()
        where = self._path(sig, target_context.codegen()) if self._enabled else None
        if where is not None:
            try:
                payload = pickle.loads(where[0].read_bytes())
                return CompileResult._rebuild(target_context, *payload)
            except OSError:
                pass
            except Exception as error:  # a damaged file is no reason to fail
                logger.debug("cannot use %s: %s", where[0], error)
        logger.info("compiling %s", self._function.__qualname__)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function; older versions of it are deleted."""
        if not self._enabled or data.lifted or data.library.has_dynamic_globals:
            return
        where = self._path(sig, data.codegen if hasattr(data, "codegen") else data.library.codegen)
        if where is None:
            return
        path, prefix = where
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
            with os.fdopen(handle, "wb") as file:
                file.write(numba.core.serialize.dumps(data._reduce()))
            os.replace(temporary, path)
            for old in path.parent.glob(f"{prefix}-*.nbc"):
                if old != path:
                    old.unlink(missing_ok=True)
