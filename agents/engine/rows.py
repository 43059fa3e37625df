"""Rows: what ``table[i]`` is in compiled code.

A row is the addresses of its table's columns and a row number.  ``row.x`` is one load, ``row.x = y`` one
store, and ``row.neuron`` the read-only row of the linked table.

Two facts are told to LLVM, and the speed depends on both.  Addresses never change while compiled code runs
(``invariant.load``), so they are fetched once per loop.  And two columns never overlap, so a loop over rows
becomes SIMD code.  The same column reached by another way (a link, a second table of the same class) is the
same column to LLVM too, so this is also safe when one compiled function writes several tables.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.core.imputils import impl_ret_untracked
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    overload_method,
    register_model,
    type_callable,
)

from .tables import SCALARS, WORD, TableType, load_constant, nearest

#: Agent classes by the owner name of their tables; lets ``row.rule(p)`` find the rule.
owners: dict[str, type] = {}


class RowType(types.Type):
    """Numba type of one row of a table; only rows taken as ``table[i]`` are writable."""

    def __init__(self, table: TableType, writable: bool) -> None:
        self.table = table
        self.writable = writable
        super().__init__(name=f"{'Row' if writable else 'ReadOnlyRow'}({table.name})")


@register_model(RowType)
class _RowModel(models.StructModel):
    def __init__(self, dmm: Any, fe_type: RowType) -> None:
        super().__init__(dmm, fe_type, [("i", types.intp), ("slots", types.CPointer(types.int64))])


def _mark(builder: Any, instruction: Any, table: TableType, name: str) -> None:
    """Mark a load or store as one of this column: it overlaps no other column.

    Said twice, because LLVM forgets types under a condition, and scopes when a helper is inlined.
    """
    module, zero = builder.module, ir.Constant(WORD, 0)
    metadata, me = module.add_metadata, f"{table.owner}.{name}"
    root = metadata([ir.MetaDataString(module, "dorsalhorn columns")])
    kind = metadata([ir.MetaDataString(module, me), root, zero])
    instruction.set_metadata("tbaa", metadata([kind, kind, zero]))
    domain = metadata([ir.MetaDataString(module, "dorsalhorn")])
    scopes = {c: metadata([ir.MetaDataString(module, c), domain]) for c in table.reach}
    instruction.set_metadata("alias.scope", metadata([scopes.pop(me)]))
    instruction.set_metadata("noalias", metadata(list(scopes.values())))


def _column(builder: Any, slots: Any, k: int, target: Any) -> Any:
    return load_constant(builder, builder.gep(slots, [ir.Constant(WORD, k)]), target)


@type_callable(operator.getitem)
def _type_item(_context: Any) -> Callable[..., Any]:
    def typer(table: types.Type, i: types.Type) -> types.Type | None:
        if isinstance(table, TableType) and isinstance(i, types.Integer):
            return RowType(table, True)
        return None

    return typer


@lower_builtin(operator.getitem, TableType, types.Integer)
def _lower_item(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    row = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    row.i = context.cast(builder, args[1], sig.args[1], types.intp)
    row.slots = load_constant(builder, args[0], WORD, dereferenceable=8 * sig.args[0].width)
    return impl_ret_untracked(context, builder, sig.return_type, row._getvalue())


@infer_getattr
class _TableAttribute(AttributeTemplate):
    key = TableType

    def resolve_size(self, _table: TableType) -> types.Type:
        return types.intp


@lower_getattr_generic(TableType)
def _lower_size(_context: Any, builder: Any, _typ: TableType, value: Any, _attr: str) -> Any:
    return load_constant(builder, builder.gep(value, [ir.Constant(WORD, 1)]))


@infer_getattr
class _RowAttribute(AttributeTemplate):
    key = RowType

    def generic_resolve(self, row: RowType, attr: str) -> types.Type | None:
        kind = row.table.kinds.get(attr)
        if isinstance(kind, TableType):
            return RowType(kind, False)
        if kind is None:
            if attr in getattr(owners.get(row.table.owner), "rules", ()):
                return None  # a rule: resolved by `register_method`
            raise NumbaTypeError(f"{row.table.owner} has no column '{attr}'{nearest(attr, row.table.kinds)}")
        return SCALARS[kind]


@lower_getattr_generic(RowType)
def _lower_get(context: Any, builder: Any, typ: RowType, value: Any, attr: str) -> Any:
    me = cgutils.create_struct_proxy(typ)(context, builder, value=value)
    kind, k = typ.table.kinds[attr], typ.table.slots[attr]
    dtype = types.int64 if isinstance(kind, TableType) else SCALARS[kind]
    data = context.get_data_type(dtype)
    item = builder.load(builder.gep(_column(builder, me.slots, k, data), [me.i]))
    _mark(builder, item, typ.table, attr)
    if not isinstance(kind, TableType):
        result = context.data_model_manager[dtype].from_data(builder, item)
        return impl_ret_untracked(context, builder, dtype, result)
    other = cgutils.create_struct_proxy(RowType(kind, False))(context, builder)
    other.i = item
    other.slots = builder.gep(me.slots, [ir.Constant(WORD, k + 1)])
    return impl_ret_untracked(context, builder, RowType(kind, False), other._getvalue())


@lower_setattr_generic(RowType)
def _lower_set(context: Any, builder: Any, sig: Any, args: Any, attr: str) -> None:
    typ, given = sig.args
    kind = typ.table.kinds[attr]
    if not typ.writable:
        raise NumbaTypeError(f"a rule may write only its own agent: cannot set '{attr}' of {typ.table.owner}")
    if isinstance(kind, TableType):
        raise NumbaTypeError(f"a rule cannot change the link '{attr}' of {typ.table.owner}")
    me = cgutils.create_struct_proxy(typ)(context, builder, value=args[0])
    dtype = SCALARS[kind]
    data = context.data_model_manager[dtype].as_data(builder, context.cast(builder, args[1], given, dtype))
    pointer = _column(builder, me.slots, typ.table.slots[attr], context.get_data_type(dtype))
    _mark(builder, builder.store(data, builder.gep(pointer, [me.i])), typ.table, attr)


_methods: set[str] = set()


def register_method(name: str) -> None:
    """Let compiled code call ``row.name(...)`` for every class that has a rule of this name."""
    if name in _methods:
        return
    _methods.add(name)

    @overload_method(RowType, name, jit_options={"error_model": "numpy", "forceinline": True})
    def method(row, *args):  # type: ignore[no-untyped-def]  # Numba compares signatures
        rule = getattr(owners.get(row.table.owner), "rules", {}).get(name)
        return None if rule is None else lambda row, *args: rule(row, *args)
