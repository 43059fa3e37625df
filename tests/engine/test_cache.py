"""The disk cache: hits in a new process, and never an old rule."""

import os
import subprocess
import sys

import pytest

MODULE = """
import numpy as np, mesa
import constants
from dorsalhorn.agents.engine import ArrayAgent, Parameters, Population, column, compiled, rule

class Thing(ArrayAgent):
    x = column()

    @rule
    def go(self, p):
        self.x += constants.STEP * p.a

@compiled
def twice(things, p):
    for i in range(things.size):
        things[i].go(p)
        things[i].go(p)
"""
MAIN = """
import sys
from rules import *
from dorsalhorn.agents.engine.kernels import make_kernel
things = Population(mesa.Model(rng=1), Thing, 3)
p = Parameters(["a"], [1.0])
things.do("go", p)
twice(things, p)
kernel = make_kernel(Thing.rules["go"], False)
hits = [sum(f.stats.cache_hits.values()) for f in (kernel, twice)]
print(things.x[0], *hits)
"""


@pytest.fixture
def run(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text)

    def run(cache="cache"):
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / cache), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "main.py"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return [float(x) for x in done.stdout.split()]

    write("rules.py", MODULE)
    write("constants.py", "STEP = 1.0\n")
    write("main.py", MAIN)
    run.write = write
    return run


def test_hit_in_a_second_process_and_never_stale(run, tmp_path):
    assert run() == [3.0, 0, 0]
    assert run() == [3.0, 1, 1]
    files = sorted((tmp_path / "cache").rglob("*.nbc"))
    assert len(files) == 2
    run.write("constants.py", "STEP = 10.0\n")  # another file than the rule's
    assert run() == [30.0, 0, 0]
    assert len(list((tmp_path / "cache").rglob("*.nbc"))) == 2  # the old versions are gone
    run.write("rules.py", MODULE.replace("* p.a", "* p.a + 1.0"))
    assert run() == [33.0, 0, 0]
    assert run() == [33.0, 1, 1]
    for file in (tmp_path / "cache").rglob("*.nbc"):
        file.write_bytes(b"damaged")
    assert run() == [33.0, 0, 0]


def test_without_a_writable_folder_it_compiles_in_memory(run, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert run() == [3.0, 0, 0]
