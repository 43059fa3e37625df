"""Runs on a Dask cluster; Dask is an extra that only `--dask` needs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .ensemble import run_one
from .errors import InputError

if TYPE_CHECKING:
    from ..model.scenario import Scenario

Result = TypeVar("Result")
CONNECT_S = 20


def client_at(address: str) -> Any:
    """A client of the scheduler at `address`; an InputError says what is missing."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            f"--dask {address} needs Dask: install dorsalhorn[dask], or leave --dask out to run in processes "
            "of this machine"
        ) from error
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"--dask {address}: no scheduler answers there ({reason}); give the address that "
            "`dask scheduler` prints, such as tcp://127.0.0.1:8786"
        ) from error


def each_on_dask(
    names: Sequence[str],
    scenarios: Sequence[Scenario],
    address: str,
    measure: Callable[..., Result],
) -> Generator[tuple[int, Result], None, None]:
    """Number and result of each scenario as it ends, wherever the cluster ran it."""
    client = client_at(address)
    from distributed import as_completed

    waiting = {
        client.submit(run_one, scenario, measure, pure=False): number
        for number, scenario in enumerate(scenarios)
    }
    try:
        for future in as_completed(list(waiting), loop=client.loop):
            number = waiting.pop(future)
            if future.status == "error":
                fault = future.exception()
                fault.add_note(f"This was the run: {names[number]}")
                raise fault
            yield number, future.result()
    finally:
        client.cancel(list(waiting))
        client.close()
