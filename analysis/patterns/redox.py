"""P05, P06, P71 and P72: what a peptide and oxidants do to receptors, to MnSOD and to energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...model.patch_clamp import PatchClamp
from .protocol import Preparation, Values, protocol
from .rig import clamps, held, lasting, ratio, stimuli
from .weeks import HOUR_D, Subject, clamp, injury

if TYPE_CHECKING:
    from ...model.dorsalhorn import DorsalHorn

MINUTE_S = 60.0
QUICK = 'parameters.epoch.memory="0.01 d"'
"""activity acts within a quarter of an hour, not of a day: baths last an hour"""
MANY_RECEPTORS = ("slice.scale=0.03", "slice.receptors_per_neuron=60")


# ---------------------------------------------------------------------- P05
@protocol("P05")
def peptide_by_kinase(slice: Preparation) -> Values:
    """A bath of substance P, whole, without NK1 and without kinases; the NMDA current it leaves."""
    control = _bathed(slice, peptide=False)
    both, lost_nk1, lost_kinase = (
        _bathed(slice, *more)
        for more in ((), (held("nk1.effect", 0.0, 0.0),), (held("kinase.activity", 0.0, 0.0),))
    )
    gain = both[0] / control[0]
    return {
        "potentiation": gain,
        "without_nk1": lost_nk1[0] / control[0],
        "without_kinase": lost_kinase[0] / control[0],
        "left_later": ratio(both[1] / control[1] - 1.0, gain - 1.0),
        "alone_opens": both[2] / both[0],
    }


def _bathed(slice: Preparation, *more: dict[str, Any], peptide: bool = True) -> tuple[float, float, float]:
    """NMDA conductance per receptor at the end of a bath and after it; what is open without glutamate."""
    n = slice.numbers
    ends = n["bath_min"] * MINUTE_S
    bath = {"target": "substance_p", "value": n["peptide_nm"], "start": 0.0, "stop": ends}
    whole = lasting(ends + n["later_min"] * MINUTE_S)
    held_now = clamps(*([bath] if peptide else []), *more)
    horn = slice.horn("acute", 'tick="5 s"', whole, held_now)
    found = []
    for until in (round(ends / 5.0), horn.ticks):
        while horn.tick < until:
            horn.step()
        r, answering = horn.receptors, horn.neurons.nk1_receptor > 0.0
        rows = np.flatnonzero(r.alive & (r.surface == 1) & answering[r.neuron])
        rig = PatchClamp(horn, rows)
        found.append(rig.conductance(n["at_mv"]) / rows.size)
        if len(found) == 1:
            opened = float(r.held_open[rows].mean())
    return found[0], found[1], opened


# ---------------------------------------------------------------------- P06
@protocol("P06")
def redox_at_the_receptor(slice: Preparation) -> Values:
    """Peroxynitrite raised for an hour; the current of receptors that no kinase has touched meanwhile."""
    n = slice.numbers
    ends, washed = n["hours"] * 3600.0, n["washed_h"] * 3600.0
    pulse = clamps(held("peroxynitrite", n["times"], 0.0, ends))
    tick = f'tick="{n["tick_min"]:g} min"'
    horn = slice.horn("naive", *MANY_RECEPTORS, tick, lasting(washed), pulse)
    r = horn.receptors
    same = r.alive & (r.surface == 1) & (r.serine == 0)
    before = _each(horn, np.flatnonzero(same), n["at_mv"])
    changes = []
    for until_s in (ends, washed):
        while horn.time_d * 86400.0 < until_s - 1.0:
            horn.step()
        here = np.zeros(r.size, bool)
        here[: same.size] = same
        rows = np.flatnonzero(here & r.alive & (r.surface == 1) & (r.serine == 0))
        changes.append(_each(horn, rows, n["at_mv"]) / before - 1.0)
    return {"during": changes[0], "washed_out": abs(changes[1])}


def _each(horn: DorsalHorn, rows: np.ndarray, at_mv: float) -> float:
    """Conductance of one of these receptors on average."""
    return PatchClamp(horn, rows).conductance(at_mv) / max(1, rows.size)


# ---------------------------------------------------------------------- P71
@protocol("P71")
def superoxide_dismutase(slice: Preparation) -> Values:
    """Active MnSOD after a constriction injury, and after an hour of glutamate on the cord."""
    n, subject = slice.numbers, Subject(slice)
    name = "mnsod_active_fraction"
    days = (5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 21.0)
    ill = subject.course(stimuli(injury("nerve_constriction")), until=days[-1])
    sham = subject.course(stimuli(injury("sham")), until=days[-1])
    share = [ill.state(name, day) / sham.state(name, day) for day in days]
    bathed = Subject(slice, QUICK)
    stop = n["bath_h"] * HOUR_D
    flood = {"target": "glutamate", "value": n["glutamate_um"], "start": 0.0, "stop": stop * 86400.0}
    tests = [n["read_h"] * HOUR_D]

    def after(*more: dict[str, Any]) -> float:
        course = bathed.course(clamps(flood, *more), until=tests[-1])
        return course.state(name, tests[-1]) / float(bathed.naive.states[name].iloc[0])

    return {
        "days_5_to_10": float(np.median(share[:-1])),
        "day_21": share[-1],
        "bath": after(),
        "bath_without_nmda": after(clamp("nmdar.conductance", 0.0, 0.0)),
        "bath_without_ros": after(clamp("superoxide", n["ros_left"], 0.0)),
    }


# ---------------------------------------------------------------------- P72
@protocol("P72")
def mitochondrial_poison(slice: Preparation) -> Values:
    """Less ATP synthesis for a week in a naive and in a half-recovered slice."""
    n, subject = slice.numbers, Subject(slice)
    inflamed, start = stimuli(injury("cfa")), n["start_d"]
    end = start + n["days"]

    def poisoned(from_d: float) -> str:
        return clamps(clamp("mitochondria.atp_synthesis", n["left"], from_d, from_d + n["days"]))

    naive = subject.course(poisoned(0.0), at=(n["days"] - 1.0, n["days"]))
    free = subject.course(inflamed, at=(end - 1.0, end), keep=(start,))
    ill = subject.course(inflamed, poisoned(start), at=(end - 1.0, end), since=free.moment(start))
    return {
        "naive": naive.mt(n["days"] - 1.0, n["days"]),
        "injured_falls_more": free.mt(end - 1.0, end)
        - ill.mt(end - 1.0, end)
        - (1.0 - naive.mt(n["days"] - 1.0, n["days"])),
    }
