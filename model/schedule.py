"""What is done to the slice over time.

Stimuli drive afferents, knock-outs and treatments change parameters, clamps hold columns and maps.
A treatment changes rates, never outputs; what is given at the skin or nerve acts on the afferents of its site
(conduction as a stimulus that silences, release and stores as a clamp, both labelled with the treatment).
"""

from __future__ import annotations

import numpy as np

from ..agents.afferent import A_BETA, A_DELTA, C_NONPEPTIDERGIC, C_PEPTIDERGIC
from ..agents.engine import Parameters, Population, rule_card, uniform
from .courses import course_factor
from .scenario import C_FIBRES, INFLAMED, INJURED, Clamp, Override, Scenario, Stimulus
from .slice import Sheet
from .targets import CLAMP_TARGETS, Target

CHOSEN = 301


def identifier(key: str) -> str:
    """The name under which rules read a registry key."""
    return key.replace(".", "_")


def active(start_d: float, stop_d: float, time_d: float) -> bool:
    """Whether a span covers this moment (its stop not included)."""
    return start_d <= time_d < stop_d


class Drives:
    """The declared input: which fibres each stimulus takes, and how hard it drives them now."""

    def __init__(self, stimuli: tuple[Stimulus, ...], afferents: Population, seed: int):
        self.stimuli = stimuli
        self.afferents = afferents
        self._hz, self._site = [], []
        for number, s in enumerate(stimuli):
            d = s.drive
            share = {
                C_PEPTIDERGIC: (d.c_fraction, d.c_hz),
                C_NONPEPTIDERGIC: (d.c_fraction, d.c_hz),
                A_DELTA: (d.a_delta_fraction, d.a_delta_hz),
                A_BETA: (d.a_beta_fraction, d.a_beta_hz),
            }
            inside = (afferents.skin >= s.site[0]) & (afferents.skin <= s.site[1])
            hz = np.zeros(len(afferents))
            for row in np.flatnonzero(inside):
                fraction, rate = share[int(afferents.kind[row])]
                hz[row] = rate if uniform(seed, int(afferents.uid[row]), number, CHOSEN) < fraction else 0.0
            self._hz.append(hz)
            self._site.append(inside)

    def fibres(self, number: int) -> np.ndarray:
        """Which fibres stimulus `number` takes."""
        return np.asarray(self._hz[number] > 0.0)

    def apply(self, start_d: float, stop_d: float) -> None:
        """Write the drive of the tick from `start_d` to `stop_d` into the afferents' inputs."""
        a = self.afferents
        for column in (a.drive_hz, a.injury_hz, a.volley_hz, a.inflammation, a.nerve_injury, a.blocked):
            column[:] = 0.0
        for s, hz, inside in zip(self.stimuli, self._hz, self._site, strict=True):
            if s.course is not None:
                self._quiet(s, inside, course_factor(s.course, start_d))
                continue
            level = s.mean_level(start_d, stop_d)
            if level <= 0.0:
                continue
            imposed = a.injury_hz if s.drive.nerve_injury else a.drive_hz
            imposed[:] += level * hz
            if s.drive.volleys:
                a.volley_hz[:] += level * hz
            a.inflammation[inside] = np.minimum(1.0, a.inflammation[inside] + level * s.drive.inflammation)
            a.nerve_injury[inside] = np.minimum(1.0, a.nerve_injury[inside] + level * s.drive.nerve_injury)
            a.blocked[inside] = np.minimum(1.0, a.blocked[inside] + level * s.drive.silences)

    def _quiet(self, s: Stimulus, inside: np.ndarray, conducted: float) -> None:
        """What a treatment leaves of the conduction in the fibres of its site; treatments multiply."""
        a = self.afferents
        spared = s.drive.spares_a_fibres * (1.0 - weight(C_FIBRES, a))
        lost = s.drive.silences * (1.0 - conducted) * (1.0 - spared)
        a.blocked[inside] = 1.0 - ((1.0 - a.blocked) * (1.0 - lost))[inside]


class Regimen:
    """Keeps the parameters at what knock-outs, clamps and treatments make of them at this moment."""

    def __init__(self, scenario: Scenario, parameters: Parameters):
        self.base = dict(scenario.parameters)
        held = [c for c in scenario.clamps if CLAMP_TARGETS[c.target].kind == "parameter"]
        self.overrides = scenario.overrides + tuple(
            Override(c.start_d, c.stop_d, CLAMP_TARGETS[c.target].where, c.factor, c.value, c.target)
            for c in held
        )
        self.courses = scenario.courses
        self.parameters = parameters

    def apply(self, time_d: float) -> None:
        """Set every touched parameter for the tick that begins at `time_d`."""
        now = {key: self.base[key] for key in self._touched()}
        for c in self.courses:
            now[c.parameter] *= course_factor(c, time_d)
        for o in self.overrides:
            if active(o.start_d, o.stop_d, time_d):
                now[o.parameter] = o.value if o.value is not None else now[o.parameter] * (o.factor or 0.0)
        for key, value in now.items():
            self.parameters.set(identifier(key), value)

    def _touched(self) -> list[str]:
        return sorted({o.parameter for o in self.overrides} | {c.parameter for c in self.courses})


def weight(fibres: str, afferents: Population) -> np.ndarray:
    """How far each afferent is one of `fibres`: C or not; injured and inflamed in shares of its harm."""
    if fibres == C_FIBRES:
        c_fibre = (afferents.kind == C_PEPTIDERGIC) | (afferents.kind == C_NONPEPTIDERGIC)
        return np.where(c_fibre, 1.0, 0.0)
    if fibres in (INJURED, INFLAMED):
        harm = afferents.nerve_injury + afferents.inflammation
        part = afferents.nerve_injury if fibres == INJURED else afferents.inflammation
        share = np.zeros(len(afferents))
        np.divide(part, harm, out=share, where=harm > 0.0)
        return share
    return np.ones(len(afferents))


class Holds:
    """Clamps of columns: what others see is held, while the agent's own rule goes on from the truth."""

    def __init__(self, clamps: tuple[Clamp, ...], populations: dict[str, Population], sheet: Sheet):
        self.clamps = [
            (c, CLAMP_TARGETS[c.target]) for c in clamps if CLAMP_TARGETS[c.target].kind == "column"
        ]
        self.populations = populations
        self.sheet = sheet
        self._truth: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def _inside(self, clamp: Clamp, population: Population) -> np.ndarray:
        if clamp.site is None:
            return np.ones(population.size, bool)
        place = population.skin if "skin" in population.columns else self.sheet.place_of(population.cell)
        return (place >= clamp.site[0]) & (place <= clamp.site[1])

    def lift(self, population: str, rule: str) -> None:
        """Give a rule's agents their true values back before it runs."""
        for k, (_, target) in reversed(list(enumerate(self.clamps))):  # last held, first let go
            if self._concerns(target, population, rule) and k in self._truth:
                self._give_back(k, target)

    def let_go(self) -> None:
        """Give all agents their true values back, for good."""
        for k, (_, target) in reversed(list(enumerate(self.clamps))):
            if k in self._truth:
                self._give_back(k, target)

    def _give_back(self, k: int, target: Target) -> None:
        truth, shown = self._truth.pop(k)
        column = self.populations[target.where].columns[target.name]
        n = truth.size  # newborns have no other truth than what they show
        same = column[:n] == shown
        column[:n] = np.where(same, truth, column[:n])

    def press(self, population: str, rule: str, time_d: float) -> None:
        """Hold the columns again after it has run."""
        for k, (clamp, target) in enumerate(self.clamps):
            if not self._concerns(target, population, rule):
                continue
            if clamp.course is None and not active(clamp.start_d, clamp.stop_d, time_d):
                continue
            here = self.populations[population]
            column = here.columns[target.name]
            inside = self._inside(clamp, here)
            truth = column.copy()
            factor = np.full(here.size, clamp.factor or 0.0)
            if clamp.course is not None:
                factor = 1.0 + (course_factor(clamp.course, time_d) - 1.0) * weight(clamp.fibres, here)
            column[inside] = clamp.value if clamp.value is not None else (column * factor)[inside]
            self._truth[k] = (truth, column.copy())

    def _concerns(self, target: Target, population: str, rule: str) -> bool:
        if target.where != population:
            return False
        return target.name in rule_card(self.populations[population].agent_class, rule).writes
