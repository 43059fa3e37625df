"""Parameters and switches as a scenario sets them: known, in the right unit, within range."""

from __future__ import annotations

from pydantic import ValidationInfo

from .fields import number, one_of, said, shown, vocabulary
from .names import spoken
from .quantities import NO_UNIT, QuantityError, convert, is_time
from .records import Parameter


def quantity(value: object, parameter: Parameter, within: bool) -> float:
    """A parameter's value in its registry unit; `within`: refused outside its range."""
    low, high = parameter.range
    unit = "" if parameter.unit == NO_UNIT else f" {parameter.unit}"
    span = f"{low:g} to {high:g}{unit}; see `dorsalhorn list parameters`"
    if isinstance(value, str):
        try:
            result = convert(value, parameter.unit)
        except QuantityError as error:
            raise said(f"{error} (allowed: {span})") from error
    else:
        result = number(value)
        if is_time(parameter.unit):
            raise said(f'needs a unit: write "{result:g} {parameter.unit}" (allowed: {span})')
    if within and not low <= result <= high:
        raise said(f"must lie within {span}, not {shown(value)}")
    return result


def parameter(pair: tuple[str, object], info: ValidationInfo) -> float:
    """The value of one `[parameters]` entry in its registry unit."""
    parameters = vocabulary(info).registry.parameters
    return quantity(
        pair[1], parameters[one_of(pair[0], parameters, "a parameter", "parameters")], within=True
    )


def switch(pair: tuple[str, object], info: ValidationInfo) -> str:
    """The choice of one `[switches]` entry; 1 and true are names of choices too."""
    switches = vocabulary(info).registry.switches
    switch = switches[one_of(pair[0], switches, "a switch", "switches")]
    choice = str(pair[1]).lower() if isinstance(pair[1], bool) else pair[1]
    choice = str(choice) if isinstance(choice, int | float) else choice
    if isinstance(choice, str) and choice not in switch.choices:
        raise said(f"cannot be {shown(pair[1])}; give {spoken(switch.choices)}")
    return one_of(choice, switch.choices, "a choice")
