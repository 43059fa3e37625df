"""The data of the published patterns: complete, sourced, with bands that mean something."""

import math
import re

import pytest

from dorsalhorn.scenarios.errors import InputError, RegistryError
from dorsalhorn.scenarios.patterns import Criterion, chosen, fitted_to, patterns, read_patterns
from dorsalhorn.scenarios.registry import registry

KNOWN = patterns()
ENTRY = {
    "title": "t",
    "rank": "B",
    "evidence": "strong",
    "numbers": "found",
    "experiment": "e",
    "run": "r",
    "sources": ["jahr1990"],
    "criteria": {"size": {"low": 1, "high": 2, "unit": "1", "doc": "d"}},
}


@pytest.mark.parametrize("pattern", KNOWN.values(), ids=list(KNOWN))
def test_every_pattern_is_sourced_and_described(pattern):
    assert pattern.sources
    assert set(pattern.sources) <= set(registry().references)
    for text in (pattern.title, pattern.experiment, pattern.run, pattern.evidence, pattern.numbers):
        assert text.strip()
    assert all(criterion.doc and criterion.unit for criterion in pattern.criteria.values())


def test_a_band_holds_what_lies_in_it_and_never_what_was_not_measured():
    band = Criterion("x", 1.0, 2.0, "1", "")
    assert [band.holds(v) for v in (0.99, 1.0, 2.0, 2.01, math.nan)] == [False, True, True, False, False]
    assert Criterion("x", -math.inf, 0.0, "Hz", "").band == "at most 0 Hz"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rank": "D"}, "rank 'D' is none of A, B or C"),
        ({"biology": "textbook"}, "biology 'textbook'"),
        ({"criteria": {}}, "P00 has no criteria"),
        ({"criteria": {"size": {"unit": "1", "doc": "d"}}}, "size has no bound"),
        ({"criteria": {"size": {"low": 2, "high": 1, "unit": "1", "doc": "d"}}}, "band of size is empty"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said(changed, said):
    assert read_patterns({"P00": ENTRY})["P00"].criteria["size"].high == 2.0
    with pytest.raises(RegistryError, match=said):
        read_patterns({"P00": ENTRY | changed})


def test_a_missing_key_is_named():
    with pytest.raises(RegistryError, match="P00 lacks the key 'sources'"):
        read_patterns({"P00": {k: v for k, v in ENTRY.items() if k != "sources"}})


def test_patterns_are_chosen_in_the_order_of_the_data():
    assert [p.id for p in chosen(["p03", "P01"])] == ["P01", "P03"]
    assert chosen([]) == list(KNOWN.values())


@pytest.mark.parametrize(("asked", "nearest"), [("P1", "P01"), ("p003", "P03")])
def test_an_unknown_id_names_the_nearest(asked, nearest):
    with pytest.raises(
        InputError, match=f"--only {asked}: there is no pattern of this id; did you mean {nearest}"
    ):
        chosen([asked])


def test_a_pattern_says_what_was_fitted_to_it():
    assert "nk1.unitary" in fitted_to(KNOWN["P13"])
    assert "nk1.unitary" not in fitted_to(KNOWN["P12"])
    assert "plateau of `cfa`" in fitted_to(KNOWN["P40"])
    assert fitted_to(KNOWN["P01"]) == []


def test_fitted_parameters_name_patterns_that_are_there():
    fitted = [q for q in registry().parameters.values() if q.status == "fitted"]
    named = {id_ for q in fitted for id_ in re.findall(r"\bP\d\d\b", q.doc)}
    assert named
    assert named <= set(KNOWN)
