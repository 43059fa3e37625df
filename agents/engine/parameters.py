"""Named numbers for rules: a new value never recompiles, a wrong name never passes silently."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.core.imputils import impl_ret_borrowed, impl_ret_untracked
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

from .tables import WORD, load_constant, nearest, unbox_address


class ParametersType(types.Type):
    """Numba type of `Parameters`: the names in order; `opened` once the array itself is at hand."""

    def __init__(self, names: tuple[str, ...], opened: bool = False) -> None:
        self.names, self.opened = names, opened
        self.index = {name: k for k, name in enumerate(names)}
        digest = hashlib.sha256("|".join(names).encode()).hexdigest()[:16]
        super().__init__(name=f"{'Opened' if opened else ''}Parameters[{digest}]")

    @property
    def mangling_args(self) -> tuple[str, tuple[Any, ...]]:
        """A short symbol name."""
        return self.name, ()


class Parameters:
    """Named floats in one array; ``p.name`` reads one, in Python and in compiled code.

    Args:
        names: Identifiers, each once.
        values: One number per name; converted to float.

    Attributes:
        names: The names, a tuple.
        array: The values, float64, in the order of the names; write it in place only.

    Raises:
        ValueError: A name is no identifier, is taken by this class or appears twice, or lengths differ.

    Example:
        >>> p = Parameters(["dt", "rate"], [0.5, 2.0])
        >>> p.set("rate", 3)
        >>> p.rate
        3.0
    """

    __slots__ = ("_head", "_index", "address", "array", "names", "numba_type")

    names: tuple[str, ...]
    array: np.ndarray
    address: int
    numba_type: ParametersType
    _index: dict[str, int]
    _head: np.ndarray

    def __init__(self, names: Iterable[str], values: Iterable[float]) -> None:
        put = object.__setattr__
        put(self, "names", tuple(names))
        put(self, "array", np.array([float(v) for v in values], np.float64))
        put(self, "_index", {name: k for k, name in enumerate(self.names)})
        for name in self.names:
            if not name.isidentifier() or hasattr(type(self), name):
                raise ValueError(f"'{name}' cannot name a parameter")
        if len(self._index) != len(self.names) or len(self.names) != len(self.array):
            raise ValueError("parameters need one value per name and every name once")
        put(self, "_head", np.array([self.array.ctypes.data], np.int64))
        put(self, "address", self._head.ctypes.data)
        put(self, "numba_type", ParametersType(self.names))

    def _row(self, name: str) -> int:
        try:
            return self._index[name]
        except KeyError:
            raise AttributeError(f"no parameter '{name}'{nearest(name, self.names)}") from None

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):  # Python and Numba ask for such names all the time
            raise AttributeError(name)
        return self.array.item(self._row(name))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"use set('{name}', value) to change a parameter")

    def set(self, name: str, value: float) -> None:
        """Give one parameter a new value, in place.

        Raises:
            AttributeError: There is no such parameter; the nearest name is given.
        """
        self.array[self._row(name)] = value

    def update(self, values: Mapping[str, float]) -> None:
        """Give several parameters new values, in place."""
        for name, value in values.items():
            self.set(name, value)

    def copy(self) -> Parameters:
        """An independent copy."""
        return Parameters(self.names, self.array)

    def items(self) -> Iterator[tuple[str, float]]:
        """Pairs of name and value, in order."""
        return zip(self.names, self.array.tolist(), strict=True)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Parameters({len(self)} values)"

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self.names, self.array.tolist())


@typeof_impl.register(Parameters)
def _typeof(value: Parameters, _context: Any) -> ParametersType:
    return value.numba_type


@register_model(ParametersType)
class _ParametersModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: ParametersType) -> None:
        super().__init__(dmm, fe_type, WORD.as_pointer())


unbox(ParametersType)(unbox_address)


@infer_getattr
class _Attribute(AttributeTemplate):
    key = ParametersType

    def generic_resolve(self, typ: ParametersType, attr: str) -> types.Type:
        if attr not in typ.index:
            raise NumbaTypeError(f"no parameter '{attr}'{nearest(attr, typ.index)}")
        return types.float64


def _array(builder: Any, typ: ParametersType, value: Any) -> Any:
    if typ.opened:
        return value
    return load_constant(builder, value, ir.DoubleType(), dereferenceable=8 * len(typ.index))


@lower_getattr_generic(ParametersType)
def _lower(context: Any, builder: Any, typ: ParametersType, value: Any, attr: str) -> Any:
    array = builder.bitcast(_array(builder, typ, value), ir.DoubleType().as_pointer())
    number = load_constant(builder, builder.gep(array, [ir.Constant(WORD, typ.index[attr])]))
    return impl_ret_untracked(context, builder, types.float64, number)


@intrinsic
def opened(_context, args):  # type: ignore[no-untyped-def]
    """The arguments of a rule with parameters opened, so that they can be read ahead of a condition.

    Without this ``p.a if wanted > x else p.b`` would keep a loop from becoming SIMD code.
    """
    if not isinstance(args, types.BaseTuple):
        return None
    kinds = [ParametersType(t.names, True) if isinstance(t, ParametersType) else t for t in args]

    def codegen(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        items = cgutils.unpack_tuple(builder, values[0], len(kinds))
        for k, (old, new) in enumerate(zip(sig.args[0], kinds, strict=True)):
            if isinstance(old, ParametersType):
                items[k] = builder.bitcast(_array(builder, old, items[k]), context.get_value_type(new))
        return impl_ret_borrowed(
            context, builder, sig.return_type, context.make_tuple(builder, sig.return_type, items)
        )

    return types.Tuple(kinds)(args), codegen
