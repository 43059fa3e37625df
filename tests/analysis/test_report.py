"""The report: everything in one file, every number with its words, and nothing that a browser would fetch."""

import re

import pytest

from dorsalhorn.analysis.report import CAVEAT, write_report
from dorsalhorn.analysis.runs import RunError
from dorsalhorn.scenarios import cli

PIXEL = b"\x89PNG\r\n\x1a\n"


def test_a_run_in_one_file(make_run):
    folder = make_run("run", title="Cut & <heal>", seed=7)
    (folder / "figures").mkdir()
    (folder / "figures" / "run.png").write_bytes(PIXEL)
    file = write_report(folder, {"Settings that differ": ["a = 1 instead of 2"], "Nothing here": []})
    page = file.read_text(encoding="utf-8")
    assert file == folder / "report.html"
    assert "<title>Cut &amp; &lt;heal&gt;</title>" in page
    assert "data:image/png;base64,iVBORw0KGgo" in page
    for words in (CAVEAT, "seed 7", "article preset", "cuff", "a = 1 instead of 2", "stays at"):
        assert words in page
    assert "Nothing here" not in page
    assert re.search(r"withdrawal threshold before the first injury</td><td>13 g", page)
    assert not re.search(r'(src|href)="(?!data:)|url\(|@import|<script', page)


def test_a_sweep_in_one_file(make_sweep, tmp_path):
    make_sweep(["lasts"], ["untreated", "treated"], reference="untreated")
    page = write_report(tmp_path, {}, tmp_path / "new" / "r.html").read_text(encoding="utf-8")
    assert "<td>2 weeks</td><td>treated</td><td>stays 100 %</td><td>0.4 (0.32 to 0.48)</td>" in page
    assert "<td>12 h</td><td>untreated</td><td>heals 67 %, stays 33 %</td>" in page
    assert "<td>threshold end ratio</td><td>+0.2</td><td>0.2 to 0.2</td><td>3</td>" in page
    assert "in all runs: tick=&quot;4 h&quot;" in page
    assert "dorsalhorn 9.9.9" in page


def test_a_fall_keeps_its_sign(make_sweep, tmp_path):
    make_sweep([], ["untreated", "treated"], reference="treated")
    assert "<td>\N{MINUS SIGN}0.2</td>" in write_report(tmp_path, {}).read_text(encoding="utf-8")


def test_what_is_neither_run_nor_sweep_is_refused(tmp_path, capsys):
    with pytest.raises(RunError, match="is not a run folder"):
        write_report(tmp_path, {})
    assert cli.main(["report", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_the_command_adds_what_the_registry_knows(make_run, capsys):
    folder = make_run("run")
    changed = '\n[parameters]\n"microglia.recovery_time" = "6 d"\n[[knockout]]\nmechanism = "kinase"\n'
    with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write(changed)
    assert cli.main(["report", str(folder)]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    assert "microglia.recovery_time = 6 d instead of" in page
    assert "kinase, from day 0 to the end" in page
