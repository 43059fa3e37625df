"""The page in a real browser: it opens without a network, steps, changes its map and its scenario."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

APP = Path(__file__).parents[2] / "app.py"
SMALL = "slice.scale=0.02\nslice.receptors_per_neuron=4"
"""changes to every scenario, so that a slice is built and stepped in no time"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
SERVER_S, BUILT_MS, ANSWER_MS = 60.0, 120_000, 60_000
TICKS_PER_CLICK = 25
WIDTH, HEIGHT = 1600, 1000

solara_is_missing = importlib.util.find_spec("solara") is None
needs_solara = pytest.mark.skipif(solara_is_missing, reason="the browser extra is missing: run `make setup`")
pytestmark = [pytest.mark.browser, needs_solara]


@pytest.fixture
def chromium() -> str:
    """Where a Chromium lies; without one, or without playwright, the test is skipped and says why."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is missing: run `make setup`")
    if found is None:
        pytest.skip("no Chromium: install one (Debian, Ubuntu: apt install chromium) and run the tests again")
    return found


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address of a server that shows the page, of small slices."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "solara", "run", str(APP), "--host", "127.0.0.1", "--port", str(port)]
    settings = {"SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False", "DORSALHORN_APP_SET": SMALL}
    log = tmp_path / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "--production", "--no-open"], env=os.environ | settings, stdout=out, stderr=out
        )
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_until_ready(address, server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    patience = time.monotonic() + SERVER_S
    while time.monotonic() < patience and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server does not answer:\n{log.read_text()}")


def number(page: Any, pattern: str, where: str) -> float:
    """The first number that follows a pattern in the text of an element."""
    found = re.search(pattern + r"\s*([\d.]+)", page.locator(where).first.inner_text())
    assert found, f"no {pattern!r} in {where}"
    return float(found.group(1))


def steps(page: Any) -> float:
    return number(page, "(?:Step|Time):", "nav")  # Mesa 3.3 and 3.5


def day(page: Any) -> float:
    return number(page, "Day", ".tiles")


def pictures(page: Any) -> list[str]:
    """The sources of the pictures, all of them loaded."""
    images = page.locator(".vue-grid-layout img")
    page.wait_for_function(
        "[...document.querySelectorAll('.vue-grid-layout img')].every(i => i.naturalWidth > 500)"
    )
    return [images.nth(i).get_attribute("src") for i in range(images.count())]


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    apart = (
        a["x"] + a["width"] <= b["x"] + 1,
        b["x"] + b["width"] <= a["x"] + 1,
        a["y"] + a["height"] <= b["y"] + 1,
        b["y"] + b["height"] <= a["y"] + 1,
    )
    return not any(apart)


def choose(page: Any, list_label: str, option: str) -> None:
    page.locator(".v-select", has_text=list_label).click()
    page.locator(".menuable__content__active").get_by_text(option).first.click()


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def changes_from(page: Any, before: str) -> None:
    """Wait until the first picture is another one."""
    page.wait_for_function(
        "before => { const i = document.querySelector('.vue-grid-layout img'); return i && i.src != before }",
        arg=before,
        timeout=ANSWER_MS,
    )


def test_the_page_steps_changes_its_map_and_its_scenario_without_a_network(
    chromium: str, url: str, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    outside: list[str] = []
    errors: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(ANSWER_MS)
        page.on("request", lambda r: None if r.url.startswith(LOCAL) else outside.append(r.url))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda problem: errors.append(str(problem)))
        page.goto(url)
        page.get_by_text("dorsalhorn: a slice of the spinal dorsal horn").wait_for()
        page.locator(".tiles").wait_for(timeout=BUILT_MS)
        assert page.title() == "dorsalhorn"
        assert (steps(page), day(page)) == (0, 0.0)
        assert "not medical advice" in page.locator(".note").inner_text()
        assert "article preset, seed 1" in page.locator(".note").inner_text()

        naive = pictures(page)
        assert len(naive) == 2
        press(page, "Step")
        page.get_by_text(re.compile(rf"(Step|Time): {TICKS_PER_CLICK}$")).wait_for()
        assert steps(page) == TICKS_PER_CLICK
        changes_from(page, naive[0])
        assert day(page) == pytest.approx(TICKS_PER_CLICK / 24, abs=0.051)

        stepped = pictures(page)
        choose(page, "Map", "glutamate (")
        changes_from(page, stepped[0])
        assert pictures(page)[1] == stepped[1]  # the courses were not drawn again
        boxes = [box for item in page.locator(".vue-grid-item").all() if (box := item.bounding_box())]
        assert len(boxes) == 4
        assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
        assert all(box["x"] + box["width"] <= WIDTH for box in boxes)
        page.screenshot(path=tmp_path / "page.png", full_page=True)

        choose(page, "Scenario", "Sham")
        press(page, "Reset")
        page.locator("h2", has_text="Sham").wait_for(timeout=BUILT_MS)
        assert (steps(page), day(page)) == (0, 0.0)
        assert "no injury" in page.locator(".tiles").inner_text()
        assert len(pictures(page)) == 2
        page.screenshot(path=tmp_path / "sham.png", full_page=True)
        browser.close()
    assert outside == []
    assert errors == []
    assert "Traceback" not in (tmp_path / "server.log").read_text()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The page's module."""
    monkeypatch.setenv("DORSALHORN_APP_SET", SMALL)
    spec = importlib.util.spec_from_file_location("dorsalhorn_page", APP)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_slice_of_the_page_is_that_of_the_command_and_stops_at_its_end(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dorsalhorn.model.dorsalhorn import DorsalHorn
    from dorsalhorn.scenarios.load import load

    monkeypatch.setenv("DORSALHORN_APP_SET", f'{SMALL}\nduration="9 h"')
    title, name = next((t, n) for t, n in app.stories().items() if n == "injury_heals_pain_stays")
    watch = app.Watch(title, seed=3)
    assert (watch.steps, watch.running) == (0, True)
    while watch.running:
        watch.step()
    watch.step()
    assert watch.steps == 9
    assert watch.horn.records == DorsalHorn(load(name, app.changes(), seed=3)).run().records
    watch.close()


def test_every_map_and_the_courses_can_be_drawn_healthy_and_injured(app: ModuleType) -> None:
    watch = app.Watch(next(iter(app.stories())))
    for ticks in (1, 60):
        for _ in range(ticks):
            watch.step()
        for field in app.FIELDS:
            app.draw_slice(watch.horn, field, watch.ranges[field]).savefig(io.BytesIO())
        app.draw_courses(watch.horn).savefig(io.BytesIO())
    app.draw_slice(watch.horn, "glutamate", watch.ranges["glutamate"], ["neurons"]).savefig(io.BytesIO())


def test_a_file_of_the_user_stands_first_among_the_scenarios(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'title="Mine"\nbiology="literature"\nmode="chronic"\nduration="2 d"\ntick="1 h"\nseed=1\n'
    )
    monkeypatch.setenv("DORSALHORN_APP_SCENARIO", str(mine))
    assert next(iter(app.stories().items())) == ("Mine", str(mine))
