"""How fields are mapped (P16): what counts as an answer, and which cells count at all."""

import numpy as np
import pytest

from dorsalhorn.analysis.patterns import potentiation
from dorsalhorn.analysis.patterns.rig import Spikes
from dorsalhorn.scenarios.patterns import patterns

MAP = patterns()["P16"].parameters | {"places": 3.0, "rounds": 3.0, "probe_wide": 0.5}
CELLS = np.arange(4)


def recorded(*given: tuple[float, int, int]) -> Spikes:
    """Spikes of four cells from (time in s, cell, how many within half a second of it)."""
    pairs = sorted((at + 0.1 + 0.4 * k / many, cell) for at, cell, many in given for k in range(many))
    spikes = Spikes.__new__(Spikes)
    spikes.time_s = np.array([time for time, _ in pairs])
    spikes.neuron = np.array([cell for _, cell in pairs], dtype=np.int64)
    spikes.size = CELLS.size
    return spikes


def probed(start_s: float, k: int) -> list[float]:
    return [float(at) for at in potentiation._moments(MAP, start_s, k)]


def test_a_map_probes_every_place_in_every_round_and_never_two_at_a_time() -> None:
    moments = sorted(at for k in range(4) for at in probed(60.0, k))
    assert len(moments) == 12
    np.testing.assert_allclose(np.diff(moments), MAP["probe_every_s"])


def test_pinpricks_overlap_from_one_edge_of_the_skin_to_the_other() -> None:
    sites = [potentiation._probe(MAP, 0.0, k)["site"] for k in range(3)]
    np.testing.assert_allclose(sites, [[0.0, 0.5], [0.25, 0.75], [0.5, 1.0]])
    assert potentiation._probe(MAP, 0.0, 3)["kind"] == "innocuous_brush"


def test_a_cell_answers_if_it_does_so_on_the_mean_of_the_rounds() -> None:
    """One burst by chance makes no field, and one failure undoes none."""
    first, second, third = probed(60.0, 1)
    spikes = recorded(
        (first, 0, 3), (first, 1, 3), (second, 1, 3), (third, 2, 9), (third - MAP["counted_s"], 2, 9)
    )
    assert potentiation._answers(MAP, spikes, CELLS, 60.0, 1).tolist() == [False, True, False, False]
    assert potentiation._field(MAP, spikes, CELLS, 60.0).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("probe", [0, 2, 3])
def test_only_cells_that_answer_something_before_the_barrage_are_counted(probe: int) -> None:
    before, after = probed(60.0, probe), probed(900.0, probe)
    spikes = recorded(*((at, 1, 4) for at in before), *((at, 2, 4) for at in after))
    assert potentiation._mapped(MAP, spikes, CELLS, 60.0).tolist() == [False, True, False, False]


def test_what_grows_without_a_barrage_too_is_no_growth() -> None:
    """By column: a cell that grows by it, in both courses, not at all, and in another map than without."""
    after = np.array([[2, 2, 3, 2], [3, 3, 2, 2], [2, 2, 3, 3]])
    without = np.array([[2, 2, 3, 2], [2, 3, 2, 3], [2, 2, 2, 2]])
    assert potentiation._beyond(after, without).tolist() == [True, False, False, True]
    assert potentiation._beyond(after > 2, without > 2).tolist() == [True, False, False, True]
