"""P01-P04 as they are really measured, and that they notice a receptor that is not what was published."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from dorsalhorn.agents.engine import release_model
from dorsalhorn.analysis.patterns import PROTOCOLS, Preparation
from dorsalhorn.analysis.patterns.receptor import richest
from dorsalhorn.model.patch_clamp import PatchClamp
from dorsalhorn.scenarios.patterns import patterns

SMALL = ("slice.scale=0.01", "slice.receptors_per_neuron=15")
RECEPTOR = ("P01", "P02", "P03", "P04")


def failed(id_, *sets, biology="literature"):
    """The criteria that one seed does not meet."""
    pattern = patterns()[id_]
    slice = Preparation(biology, 1, pattern.parameters, (*SMALL, *sets))
    values = PROTOCOLS[id_](slice)
    slice.release()
    assert all(np.isfinite(v) for v in values.values())
    return {name for name, criterion in pattern.criteria.items() if not criterion.holds(values[name])}


@pytest.mark.parametrize("id_", RECEPTOR)
def test_the_receptor_is_the_published_one(id_):
    assert failed(id_) == set()


@pytest.mark.parametrize(
    ("id_", "wrong", "criterion"),
    [
        ("P01", 'parameters.nmdar.block_slope="0.07 1/mV"', "worst_cell"),
        ("P01", "parameters.phosphorylation.block_gain=20", "half_block_mm"),
    ],
)
def test_another_receptor_is_told_from_it(id_, wrong, criterion):
    assert failed(id_, wrong) >= {criterion}


def test_the_articles_receptor_loses_its_block():
    assert "worst_cell" in failed("P01", biology="article")


def test_a_bath_leaves_no_trace():
    horn = Preparation("literature", 1, {}, SMALL).horn("naive")
    rig = PatchClamp(horn, richest(horn))
    before = rig.conductance(-60.0)
    parameters, d_serine = horn.parameters.array.copy(), horn.cells.columns["d_serine"].copy()
    with rig.bath(0.0, nmdar_magnesium=0.0, coagonist_glycine=0.0):
        assert rig.conductance(-60.0) == 0.0
    assert rig.conductance(-60.0) == before
    assert (horn.parameters.array == parameters).all()
    assert (horn.cells.columns["d_serine"] == d_serine).all()
    release_model(horn)


def test_the_command_in_a_process_of_its_own(tmp_path):
    code = "import sys; from dorsalhorn.scenarios.cli import main; sys.exit(main())"
    words = ["validate", "--only", "P04", "--out", str(tmp_path)]
    for change in SMALL:
        words += ["--set", change]
    answer = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    assert "pass  P04" in answer.stdout
    frame = pd.read_csv(tmp_path / "scorecard.csv").set_index("criterion")
    assert 0.2 <= frame.loc["ec50_um", "seed_1"] <= 2.0
    assert (tmp_path / "scorecard.png").stat().st_size > 10_000
