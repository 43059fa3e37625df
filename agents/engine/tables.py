"""Tables: how a set of columns is handed to compiled code.

A `Table` is a list of columns at fixed addresses.  Compiled code receives it as a single pointer.  The
pointers are arranged so that they stay valid while columns grow::

    Table.address -> head [address of slots, rows in use] -> slots [address of each column ...] -> column

Behind the slot of a link follow the slots of the linked table, so every column is one step away; a table
that changes tells those that link to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any
from weakref import WeakSet

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox

SCALARS = {"float64": types.float64, "int64": types.int64, "bool": types.boolean}
WORD = ir.IntType(64)


def nearest(name: str, names: Any) -> str:
    """A hint for a misspelt name: ``; did you mean 'x'?``, or nothing."""
    close = get_close_matches(name, list(names), 1, 0.5)
    return f"; did you mean '{close[0]}'?" if close else ""


class TableType(types.Type):
    """Numba type of a table: who owns it, and its fields in order.

    A field is ``(name, "float64" | "int64" | "bool")`` or, for a link, ``(name, TableType)``.
    """

    def __init__(self, owner: str, fields: tuple[tuple[str, Any], ...]) -> None:
        self.owner = owner
        self.fields = fields
        self.kinds = dict(fields)
        self.reach: tuple[str, ...] = ()  # names of all columns that its rows can reach
        self.slots: dict[str, int] = {}
        self.width = 0
        for name, kind in fields:
            self.slots[name] = self.width
            self.width += 1 + (kind.width if isinstance(kind, TableType) else 0)
        linked = [kind.reach for _, kind in fields if isinstance(kind, TableType)]
        self.reach = tuple(sorted({f"{owner}.{name}" for name, _ in fields}.union(*linked)))
        text = owner + "|" + "|".join(f"{name} {kind}" for name, kind in fields)
        # A short name is the type's key: hashing and comparing types costs nothing, symbols stay short.
        super().__init__(name=f"{owner}[{hashlib.sha256(text.encode()).hexdigest()[:16]}]")

    @property
    def mangling_args(self) -> tuple[str, tuple[Any, ...]]:
        """A short symbol name (Numba would spell out the whole type)."""
        return self.name, ()


class Table:
    """The compiled side of a set of columns.

    Args:
        owner: Name of the class the rows belong to.
        columns: Name to array, contiguous, one-dimensional, float64, int64 or bool.
        links: For those columns that hold rows of another table: an object with a ``table``.
    """

    def __init__(self, owner: str, columns: Mapping[str, np.ndarray], links: Mapping[str, Any], size: int):
        self.owner = owner
        self.links = dict(links)
        self._head = np.zeros(2, np.int64)
        self.address: int = self._head.ctypes.data
        self._type: TableType | None = None
        self._linked: tuple[TableType, ...] = ()
        self._dependents: WeakSet[Table] = WeakSet()
        for target in self.links.values():
            target.table._dependents.add(self)
        self.update(columns, size)

    def update(self, columns: Mapping[str, np.ndarray], size: int) -> None:
        """Take over new arrays, in place: whoever holds this table's address sees them.

        Raises:
            TypeError: A column is not contiguous or of another type.
        """
        for name, array in columns.items():
            if array.ndim != 1 or not array.flags.c_contiguous:
                raise TypeError(f"column '{name}' of {self.owner} must be a contiguous 1-d array")
            if array.dtype.name not in SCALARS:
                raise TypeError(f"column '{name}' of {self.owner} is {array.dtype}; use float, int or bool")
        self._arrays = dict(columns)  # keeps the memory alive
        self._head[1] = size
        self._type = None
        self._point()

    def _point(self) -> None:
        slots: list[int] = []
        for name, array in self._arrays.items():
            slots.append(array.ctypes.data)
            if name in self.links:
                slots.extend(self.links[name].table._slots)
        self._slots = slots
        self._memory = np.array(slots or [0], np.int64)
        self._head[0] = self._memory.ctypes.data
        for table in list(self._dependents):
            table._point()

    @property
    def type(self) -> TableType:
        """Numba type of this table; made anew only when a linked table has changed its columns."""
        linked = tuple([target.table.type for target in self.links.values()])
        if self._type is None or linked != self._linked:
            kinds = dict(zip(self.links, linked, strict=True))
            fields = tuple((name, kinds.get(name, a.dtype.name)) for name, a in self._arrays.items())
            self._type, self._linked = TableType(self.owner, fields), linked
        return self._type


class Tabular:
    """Base of what may be handed to compiled code as a table: `Population`, `Cells`, a detached copy."""

    table: Table
    address: int


@typeof_impl.register(Table)
def _typeof_table(value: Table, _context: Any) -> TableType:
    return value.type


@typeof_impl.register(Tabular)
def _typeof_tabular(value: Tabular, _context: Any) -> TableType:
    return value.table.type


@register_model(TableType)
class _TableModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: TableType) -> None:
        super().__init__(dmm, fe_type, WORD.as_pointer())


@unbox(TableType)
def unbox_address(_typ: types.Type, obj: Any, c: Any) -> NativeValue:
    """The native value of a table (or of parameters) is the pointer in its attribute ``address``."""
    number = c.pyapi.object_getattr_string(obj, "address")
    pointer = c.builder.inttoptr(c.pyapi.long_as_ulonglong(number), WORD.as_pointer())
    c.pyapi.decref(number)
    return NativeValue(pointer, is_error=c.pyapi.c_api_error())


def load_constant(builder: Any, pointer: Any, target: Any = None, dereferenceable: int = 0) -> Any:
    """Load what cannot change while compiled code runs, as a pointer to ``target`` if given."""
    if target is not None:
        pointer = builder.bitcast(pointer, target.as_pointer().as_pointer())
    value = builder.load(pointer)
    metadata = builder.module.add_metadata
    value.set_metadata("invariant.load", metadata([]))
    if target is not None:
        value.set_metadata("nonnull", metadata([]))
    if dereferenceable:  # may then be read ahead of a condition, which `a if c else b` needs for SIMD
        value.set_metadata("dereferenceable", metadata([ir.Constant(WORD, dereferenceable)]))
        value.set_metadata("align", metadata([ir.Constant(WORD, 8)]))
    return value
