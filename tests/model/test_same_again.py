"""The same question gets the same answer, to the last bit; and asking does not change it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dorsalhorn.model.scenario import Record

from .horn import PRESETS, TICK_D, build, differing, digest, quiet, run, series, stimulus

pytestmark = pytest.mark.usefixtures("hurried")
INJURY = (stimulus("nerve_constriction", 0.2, site=(0.3, 0.7)),)

SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
from dorsalhorn.model import dorsalhorn
import horn
dorsalhorn.SETTLE = horn.HURRIED
model = horn.run(horn.quiet("article", 0.5, stimuli=(horn.stimulus("nerve_constriction", 0.2),)), seed=3)
print(horn.digest(model), horn.series(model).to_numpy().tobytes().hex())
"""


@pytest.mark.parametrize("biology", PRESETS)
def test_one_seed_one_answer(biology: str) -> None:
    scenario = quiet(biology, 1.0, stimuli=INJURY, record=Record(TICK_D, ("neurons",), ("tnf",)))
    a, b = run(scenario), run(scenario)
    assert differing(a, b) == []
    assert digest(a) == digest(b)
    assert series(a).to_numpy().tobytes() == series(b).to_numpy().tobytes()
    for left, right in zip(a.agent_records["neurons"], b.agent_records["neurons"], strict=True):
        assert left.equals(right)
    assert np.array(a.field_records["tnf"]).tobytes() == np.array(b.field_records["tnf"]).tobytes()


def test_another_seed_another_slice() -> None:
    scenario = quiet("article", 0.5)
    a, b = run(scenario, 1), run(scenario, 2)
    assert digest(a) != digest(b)
    assert {"neurons.threshold_mv", "neurons.v_mv", "receptors.surface"} <= set(differing(a, b))
    assert series(a).to_numpy().tobytes() != series(b).to_numpy().tobytes()


def test_the_seed_of_the_scenario_counts_unless_another_is_given() -> None:
    scenario = quiet("article", TICK_D, seed=5)
    assert digest(build(scenario, seed=None)) == digest(build(quiet("article", TICK_D, seed=9), seed=5))


def test_an_interrupted_look_changes_nothing() -> None:
    """Stepping, measuring in between and reading columns gives the same bits as a run in one go."""
    scenario = quiet("literature", 1.0, stimuli=INJURY)
    a, b = run(scenario), build(scenario)
    while b.tick < b.ticks:
        b.laboratory.measure()
        b.neurons.frame()
        [agent.rate_hz for agent in b.neurons]
        b.step()
    assert differing(a, b) == []


@pytest.mark.parametrize("biology", PRESETS)
def test_recording_more_or_less_changes_nothing(biology: str) -> None:
    seldom = quiet(biology, 1.0, stimuli=INJURY)
    often = quiet(
        biology,
        1.0,
        stimuli=INJURY,
        record=Record(TICK_D, ("receptors", "neurons", "microglia"), ("tnf", "atp")),
    )
    a, b = run(seldom), run(often)
    assert len(b.records) > len(a.records) == 2
    assert differing(a, b) == []
    assert a.records[-1] == b.records[-1]


@pytest.mark.parametrize("biology", PRESETS)
def test_a_record_leaves_no_mark_that_lasts(biology: str) -> None:
    """After a record only what every epoch makes anew from the receptors may differ; a tick later nothing."""
    a = run(quiet(biology, 1.0, stimuli=INJURY))
    b = run(quiet(biology, 1.0, stimuli=INJURY, record=Record(50.0)))
    assert len(b.records) == 1
    assert set(differing(a, b)) <= {"tables", "neurons.held_open_ns"}
    a.step()
    b.step()
    assert differing(a, b) == []


def test_the_laboratory_leaves_no_trace() -> None:
    model = run(quiet("article", 0.5, stimuli=INJURY))
    before = digest(model)
    first, winds_up = model.laboratory.measure(), model.laboratory.wind_up()
    assert digest(model) == before
    assert model.laboratory.measure() == first, "and gives the same answer when asked again"
    assert model.laboratory.wind_up() == winds_up


def test_results_do_not_depend_on_the_hash_seed_the_folder_or_the_locale(tmp_path: Path) -> None:
    answers = set()
    for number, where in (("0", tmp_path), ("77", Path.home())):
        environment = os.environ | {
            "PYTHONHASHSEED": number,
            "LC_ALL": "C",
            "TZ": "Asia/Tokyo" if number == "77" else "UTC",
        }
        script = SCRIPT.format(folder=str(Path(__file__).parent))
        ended = subprocess.run(
            [sys.executable, "-c", script],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        answers.add(ended.stdout)
    assert len(answers) == 1


def test_paired_runs_share_every_fate_that_an_injury_does_not_touch() -> None:
    """Firing on one side of the map moves nobody's luck on the other: far receptors fare alike."""
    far = []
    for stimuli in ((), (stimulus("cuff", 0.2, site=(0.0, 0.1)),)):
        model = run(quiet("literature", 2.0, stimuli=stimuli))
        r = model.receptors
        there = r.alive & (model.neurons.x_um[r.neuron] > 0.7 * model.parameters.slice_width)
        far.append(dict(zip(r.uid[there].tolist(), r.surface[there].tolist(), strict=True)))
    both = set(far[0]) & set(far[1])
    assert len(both) > 0.98 * len(far[0])
    apart = sum(far[0][uid] != far[1][uid] for uid in both)
    assert apart < 0.02 * len(both), "independent luck would part about half"
