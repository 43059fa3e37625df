"""Ensembles: the order of the results, scenarios checked first, workers that give what this process gives."""

import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import pytest

from dorsalhorn.model import dorsalhorn as model
from dorsalhorn.scenarios.ensemble import Job, run_jobs
from dorsalhorn.scenarios.errors import InputError, ScenarioError
from dorsalhorn.scenarios.parts import SMALLEST_SCALE

SMALL = (
    'duration="2 h"',
    'record.every="1 h"',
    f"slice.scale={SMALLEST_SCALE}",
    "slice.receptors_per_neuron=2",
)


class Stub:
    """Stands in for the model: its only record holds its seed."""

    made: ClassVar[list[int]] = []

    def __init__(self, scenario):
        Stub.made.append(scenario.seed)
        self.records = [{"time_d": 0.0, "seed": float(scenario.seed)}]

    def run(self):
        return self


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setattr(Stub, "made", [])
    monkeypatch.setattr(model, "DorsalHorn", Stub)


def seed_and_title(frame, scenario):
    return int(frame["seed"].iloc[0]), scenario.title


@pytest.mark.usefixtures("stub")
def test_results_come_in_the_order_of_the_jobs_and_are_told_as_they_come():
    told = []
    jobs = [Job("sham", seed, ('title="T"',), f"the {seed}") for seed in (3, 1, 2)]
    found = run_jobs(jobs, 1, seed_and_title, lambda job, result: told.append((job.label, result)))
    assert found == [(3, "T"), (1, "T"), (2, "T")]
    assert told == [("the 3", (3, "T")), ("the 1", (1, "T")), ("the 2", (2, "T"))]


@pytest.mark.usefixtures("stub")
def test_without_a_measure_the_time_series_comes_back():
    (frame,) = run_jobs([Job("sham", 7)])
    assert frame.index.name == "time_d"
    assert frame["seed"].tolist() == [7.0]


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("wrong", [Job("shame"), Job("sham", 1, ("duration=1",)), Job("sham", -1)])
def test_a_wrong_scenario_is_found_before_anything_runs(wrong):
    with pytest.raises((ScenarioError, InputError)):
        run_jobs([Job("sham"), wrong])
    assert Stub.made == []


def test_no_jobs_no_results():
    assert run_jobs([], 2) == []


def test_workers_give_what_one_process_gives():
    jobs = [Job("sham", seed, SMALL) for seed in (1, 2)]
    for one, other in zip(run_jobs(jobs, 1), run_jobs(jobs, 2), strict=True):
        assert len(one) == 3
        assert one.equals(other)


def test_a_fault_in_a_worker_says_which_job_it_was():
    with pytest.raises(TypeError) as fault:
        run_jobs([Job("sham", 1, SMALL), Job("sham", 2, SMALL)], 2, math.copysign)
    assert re.search(r"This was job [12] of 2: Job\(", "".join(fault.value.__notes__))


KILLED = """
import multiprocessing, os, signal, threading, time
from dorsalhorn.scenarios.ensemble import each

if __name__ == "__main__":
    work = each(time.sleep, [(120,), (120,)], 2, ["a", "b"])
    threading.Thread(target=next, args=(work,), daemon=True).start()
    while len(multiprocessing.active_children()) < 2:
        time.sleep(0.05)
    time.sleep(2.0)  # until both are at work
    print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    told = subprocess.run(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    workers = [int(pid) for pid in told.stdout.split()]
    assert len(workers) == 2
    patience = time.monotonic() + 20.0
    while any(alive(pid) for pid in workers) and time.monotonic() < patience:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in workers)


def alive(pid):
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    status = Path(f"/proc/{pid}/stat")
    if status.is_file():
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
