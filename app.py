"""The page in the browser: `make app`, or `dorsalhorn app`, then http://127.0.0.1:8765.

Mesa's SolaraViz steps the slice and shows four components of ours: a headline, the slice as it is now, its
course so far, and what the page is not.  Each visitor watches a slice of their own.  No network is needed.

Two environment variables change what can be watched:

* `DORSALHORN_APP_SCENARIO`: a scenario file of yours; it stands first in the list.
* `DORSALHORN_APP_SET`: changes to every scenario, as `--set` of the command, one a line: `slice.scale=0.05`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from html import escape

import solara
import solara.lab
import solara.server.settings
from mesa.visualization import SolaraViz
from mesa.visualization.utils import force_update, update_counter

import dorsalhorn as dh
from dorsalhorn.agents.engine import release_model
from dorsalhorn.analysis.measures import DRIVE, OUTPUT, THRESHOLD
from dorsalhorn.analysis.words import number, percent
from dorsalhorn.model.chemistry import FIELDS
from dorsalhorn.model.dorsalhorn import DorsalHorn
from dorsalhorn.scenarios.load import shipped
from dorsalhorn.scenarios.page import COURSES_IN, DPI, SLICE_IN, injuries, naive_values
from dorsalhorn.scenarios.page_courses import draw_courses
from dorsalhorn.scenarios.page_slice import LAYERS, Ranges, draw_slice, field_label

FIRST = "injury_heals_pain_stays"
SCENARIO_FILE, CHANGES = "DORSALHORN_APP_SCENARIO", "DORSALHORN_APP_SET"
FIRST_FIELD = "peroxynitrite"
SEEDS = list(range(1, 31))
PLAY_MS, TICKS_PER_PICTURE = 1, 25
"""Mesa's sliders take odd numbers; 25 ticks of an hour are about a day"""

solara.server.settings.theme.show_banner = False  # it would lie over our last line


def changes() -> list[str]:
    """What the environment changes in every scenario, as assignments."""
    return [line.strip() for line in os.environ.get(CHANGES, "").splitlines() if line.strip()]


def stories() -> dict[str, str]:
    """The chronic scenarios to choose from: title to name or file, the flagship (or a user's file) first.

    Acute ones last seconds and are read spike by spike: they are not for watching day by day.
    """
    own = os.environ.get(SCENARIO_FILE, "")
    names = [*([own] if own else []), FIRST, *(name for name in shipped() if name != FIRST)]
    scenarios = {name: dh.load(name, changes()) for name in names}
    return {s.title: name for name, s in scenarios.items() if name == own or not s.acute}


class Watch:
    """A slice to be watched: what SolaraViz makes anew on RESET and steps.

    It is there at once; the slice itself takes some seconds to build and settle, which happens in
    `build`, away from the page.  A lock keeps drawing and ticking apart.

    Args:
        story: Title of a scenario.
        seed: Replaces the scenario's seed.
    """

    def __init__(self, story: str, seed: int = 1):
        self.story, self.seed = story, seed
        self.horn: DorsalHorn | None = None
        self.running = True
        self.problem = ""
        self.lock = threading.RLock()

    def build(self) -> None:
        """Load the scenario and build its slice, unless that is done."""
        with self.lock:
            if self.horn is None:
                horn = DorsalHorn(dh.load(stories()[self.story], changes(), self.seed))
                self.ranges = Ranges(horn)
                self.horn = horn

    def step(self) -> None:
        """One tick; nothing after the scenario's end."""
        with self.lock:
            self.build()
            if self.horn.tick < self.horn.ticks:
                self.horn.step()
                self.ranges.follow(self.horn)
            self.running = self.horn.tick < self.horn.ticks

    @property
    def steps(self) -> int:
        """Ticks done; Mesa 3.3 shows it."""
        return self.horn.tick if self.horn else 0

    @property
    def time(self) -> int:
        """The same; Mesa 3.5 shows it."""
        return self.steps

    def close(self) -> None:
        """Let go of the slice."""
        if self.horn is not None:
            release_model(self.horn)


# ------------------------------------------------------------------------------------------- components
@solara.component
def Headline(watch: Watch):
    """Day, threshold, output and drive in large letters; while the slice is built, a bar that moves."""
    update_counter.get()

    def build() -> None:
        try:
            watch.build()
        except Exception as problem:  # whatever it is, the visitor should see it
            watch.problem = f"{type(problem).__name__}: {problem}"
        force_update()

    solara.lab.use_task(build, dependencies=[watch])
    solara.use_effect(lambda: watch.close, [watch])
    if watch.problem:
        solara.Error(f"This slice cannot be built. {watch.problem}")
    elif watch.horn is None:
        with solara.Column(classes=["building"], gap="10px"):
            solara.Text(f"Building the slice for: {watch.story}")
            solara.ProgressLinear(True)
            solara.Text("Cells are placed, wired and left to settle: about ten seconds, at first a minute.")
    else:
        with watch.lock:
            tiles = "".join(_tile(*words) for words in facts(watch.horn))
            title = escape(watch.horn.scenario.title)
        solara.HTML(
            unsafe_innerHTML=f"<h2>{title}</h2><div class='tiles'>{tiles}</div>", classes=["headline"]
        )


def facts(horn: DorsalHorn) -> list[tuple[str, str, str]]:
    """The numbers of the headline: name, value with unit, remark."""
    now, naive = horn.latest, naive_values(horn)
    end, grams = horn.scenario.duration_d, now[THRESHOLD]
    return [
        ("Day", f"{horn.time_d:.1f}", f"of {end:g}, {_injured(horn)}"),
        ("Drive of the site's afferents", f"{number(now[DRIVE])} Hz", f"naive {number(naive[DRIVE])} Hz"),
        ("Unprovoked output", f"{number(now[OUTPUT])} Hz", f"naive {number(naive[OUTPUT])} Hz"),
        ("Withdrawal threshold", f"{number(grams)} g", f"{percent(grams / naive[THRESHOLD])} of naive"),
    ]


def _injured(horn: DorsalHorn) -> str:
    """When the slice is injured, in words."""
    hurts = injuries(horn)
    if not hurts:
        return "no injury"
    begin, end = min(s.start_d for s in hurts), max(s.cause_ends_d for s in hurts)
    if end >= horn.scenario.duration_d:
        return f"injured from day {begin:g}"
    return f"injured on days {begin:.3g} to {end:.3g}"


def _tile(name: str, value: str, remark: str) -> str:
    return f"<div><span>{name}</span><b>{value}</b> <i>{remark}</i></div>"


@solara.component
def Slice(watch: Watch):
    """The slice with its chooser of the map and of the cells that are drawn."""
    update_counter.get()
    field, set_field = solara.use_state(FIRST_FIELD)
    layers, set_layers = solara.use_state(list(LAYERS))
    labels = {field_label(name): name for name in FIELDS}
    with solara.Row(classes=["choices"], gap="24px"):
        solara.Select(
            "Map", list(labels), field_label(field), on_value=lambda label: set_field(labels[label])
        )
        for layer in LAYERS:
            chosen = layer in layers

            def flip(on: bool, layer: str = layer) -> None:
                set_layers([name for name in LAYERS if (on if name == layer else name in layers)])

            solara.Checkbox(label=layer, value=chosen, on_value=flip)
    picture(watch, lambda horn: draw_slice(horn, field, watch.ranges[field], layers), [field, *layers])


@solara.component
def Courses(watch: Watch):
    """The three live plots."""
    update_counter.get()
    picture(watch, draw_courses, [])


def picture(watch: Watch, draw: Callable, what: list) -> None:
    """A figure, drawn again only when the slice has ticked or something else is to be shown."""
    token = [watch, watch.horn is None, watch.steps, *what]

    def drawn():
        with watch.lock:
            return draw(watch.horn) if watch.horn else None

    figure = solara.use_memo(drawn, token)
    if figure is not None:
        solara.FigureMatplotlib(figure, dependencies=token, format="png", dpi=DPI)


@solara.component
def Note(watch: Watch):
    """What this is, what it is not, and how to get the same again; and the help, under Mesa's controls."""
    update_counter.get()
    with solara.Sidebar():  # the deeper a component lies, the lower its part of the side panel
        Help()
    if watch.horn is None:
        return
    scenario = watch.horn.scenario
    solara.HTML(
        unsafe_innerHTML=(
            "<b>A research and teaching model, not medical advice.</b> Spikes of projection neurons are what "
            f"the brain would receive; the model has no pain. This run: {escape(scenario.biology)} preset, "
            f"seed {scenario.seed}, scenario {escape(scenario.name)}. The article preset says more than the "
            "literature bears; the literature preset keeps to what primary studies support."
        ),
        classes=["note"],
    )


@solara.component
def Help():
    """How to use Mesa's controls here."""
    with solara.Card("How to watch"):
        solara.HTML(
            unsafe_innerHTML=(
                "<b>▶</b> runs, <b>STEP</b> makes one picture's steps, <b>RESET</b> builds the slice of the "
                "chosen scenario and seed. A step is a tick of the scenario (an hour). <b>Render "
                "Interval</b> says after how many steps the pictures are drawn: 25 is about a day; 12 weeks "
                "then take some minutes."
            ),
            classes=["help"],
        )


@solara.component
def Page():
    """The page: a slice of the visitor's own, under Mesa's controls."""
    titles = solara.use_memo(lambda: list(stories()), [])
    watch = solara.use_memo(lambda: solara.reactive(Watch(titles[0])), [])
    story = {"type": "Select", "label": "Scenario (RESET takes it)", "value": titles[0], "values": titles}
    seed = {"type": "Select", "label": "Seed", "value": SEEDS[0], "values": SEEDS}
    solara.Style(CSS)
    solara.Title("dorsalhorn")
    SolaraViz(
        watch,
        components=[Headline, Slice, Courses, Note],
        model_params={"story": story, "seed": seed},
        name="dorsalhorn: a slice of the spinal dorsal horn",
        play_interval=PLAY_MS,
        render_interval=TICKS_PER_PICTURE,
    )


# Mesa lays components out on a grid of fixed cells that can be dragged; ours flow, so that nothing overlaps.
CSS = f"""
.v-navigation-drawer {{ min-width: 330px !important; max-width: 330px !important; }}
.v-tabs {{ display: none; }}
.vue-grid-layout {{ height: auto !important; display: grid; gap: 6px 18px; align-items: end;
    grid-template-columns: minmax(0, {SLICE_IN}fr) minmax(0, {COURSES_IN}fr); }}
.vue-grid-item {{ position: static !important; transform: none !important; width: auto !important;
    height: auto !important; transition: none !important; }}
.vue-grid-item:nth-child(1), .vue-grid-item:nth-child(4) {{ grid-column: 1 / -1; }}
.vue-resizable-handle, .vue-grid-placeholder {{ display: none !important; }}
.vue-grid-layout img {{ display: block; width: 100%; max-width: 100%; height: auto; }}
.headline h2 {{ font-size: 1.35rem; font-weight: 600; margin: 0 0 6px; }}
.tiles {{ display: flex; flex-wrap: wrap; gap: 10px 14px; }}
.tiles div {{ flex: 1 1 180px; border-left: 4px solid #0067a8; padding: 2px 0 2px 12px; }}
.tiles span, .tiles i {{ font-style: normal; font-size: 0.9rem; opacity: 0.8; }}
.tiles span {{ display: block; }}
.tiles i {{ display: inline-block; line-height: 1.2; }}
.vue-grid-item .v-sheet {{ row-gap: 4px !important; }}
.tiles b {{ font-size: 1.6rem; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }}
.building {{ padding: 60px 20px; max-width: 640px; font-size: 1.1rem; }}
.choices {{ align-items: center; }}
.choices .v-text-field__details {{ display: none; }}
.solara-autorouter-content > .v-sheet, .solara-autorouter-content > .v-sheet > .v-sheet {{
    row-gap: 0 !important; }}
.choices .v-select {{ max-width: 280px; }}
.note {{ font-size: 0.95rem; border-top: 1px solid #d5d9e0; padding-top: 8px; margin-top: 4px; }}
.help {{ font-size: 0.9rem; line-height: 1.5; }}
@media (max-width: 1150px) {{ .vue-grid-layout {{ grid-template-columns: minmax(0, 1fr); }} }}
"""
