"""What all figures share: wording, escaping, thinning, styles."""

import itertools
import math

import made_studies
import pytest
from figures.evidence import made_evidence
from made_results import made_study

from sweep.analysis.wording import NAMES, names_of
from sweep.figures import FIGURES
from sweep.figures.style import COLOURS, NEUTRAL, style, template
from sweep.figures.text import numbers, plain, short, thinned
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", [*COLOURS, NEUTRAL])
def test_colours_stand_out_in_both_themes(theme, colour):
    assert contrast(colour, template(theme)["layout"]["paper_bgcolor"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_in_both_themes(theme):
    layout = template(theme)["layout"]
    assert contrast(layout["font"]["color"], layout["paper_bgcolor"]) >= 7


def test_no_two_optimizers_look_the_same():
    assert len({style(index) for index in range(280)}) == 280


def test_neighbours_differ_without_colour():
    shapes = [(style(index).marker, style(index).dash) for index in range(35)]
    assert len(set(shapes)) == 35


def test_optimizers_go_by_names_unless_two_would_have_the_same():
    assert names_of(("radam", "adam-warmup", "mine")) == ("RAdam", "Adam with warm-up", "mine")
    assert names_of(("radam", "RAdam")) == ("radam", "RAdam")
    assert set(NAMES) == set(BUILT_IN_OPTIMIZERS)


def test_plain_text_stays_text():
    assert plain("<b>%{y}</b> &") == "&lt;b&gt;&#37;&#123;y&#125;&lt;/b&gt; &amp;"
    assert short("x" * 20, 5) == "xxxx…"


def test_numbers_are_rounded_and_finite():
    assert numbers([0.123456, math.nan, math.inf, 1234.5678]) == [0.1235, None, None, 1235.0]


@pytest.mark.parametrize(("count", "most"), [(1, 5), (5, 5), (11, 5), (1000, 21)])
def test_thinning_keeps_the_ends(count, most):
    kept = thinned(count, most)
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert len(kept) == min(count, most) == len(set(kept))


EVIDENCE = {
    "whole": {},
    "half-way": {"untouched": 7, "running": (7,)},
    "nothing": {"untouched": 15},
    "one seed": {"study": made_study(seeds=1)},
    "one learning rate": {"study": made_study(rates=1)},
    "one optimizer": {"study": made_study(optimizers=1)},
    "twelve optimizers": {"study": made_study(optimizers=12, rates=3, seeds=3)},
    "all diverged": {"study": made_study(seeds=3), "diverge_above": 0.0, "diverge_share": 2.0},
    "one cohort failed": {"failed": (4,)},
    "one epoch": {"study": made_study(epochs=1)},
    "batch sizes": {"study": made_studies.batch_sizes()},
    "two axes": {"study": made_studies.two_axes()},
    "two axes, half-way": {"study": made_studies.two_axes(), "untouched": 3},
    "values close to 1": {"study": made_studies.betas()},
    "ragged": {"study": made_studies.ragged()},
    "apart": {"study": made_studies.apart()},
    "epochs": {"study": made_studies.epochs()},
    "an optimizer that does not follow": {"study": made_studies.warmups()},
}
COMPARED = ("measures", "best-of-k", "improvement")
"""What is drawn of compared optimizers alone."""


@pytest.fixture(scope="module", params=EVIDENCE, ids=list(EVIDENCE))
def any_evidence(request):
    return request.param, made_evidence(**EVIDENCE[request.param])


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_draws_whatever_there_is(any_evidence, name):
    case, evidence = any_evidence
    drawing = FIGURES[name](evidence)
    assert drawing.name == name
    assert evidence.pictures in drawing.finding
    assert evidence.pictures in drawing.figure.layout.title.text.replace("<br>", " ")
    assert "nan" not in drawing.finding.lower().split()
    assert all(len(row) == len(drawing.table.columns) for row in drawing.table.rows)
    assert drawing.is_empty == (
        case == "nothing"
        or (name == "improvement" and case == "one optimizer")
        or (name in COMPARED and case == "apart")
    )


def states(controls) -> set[str]:
    """What the page asks for: the positions of all controls that belong."""
    found = set()
    for positions in itertools.product(*(range(len(control["choices"])) for control in controls)):
        belong = [
            control["where"] is None or positions[control["where"][0]] == control["where"][1]
            for control in controls
        ]
        found.add("/".join(str(at) for at, does in zip(positions, belong, strict=True) if does))
    return found


@pytest.mark.parametrize("study", [made_study(rates=3, seeds=2, epochs=3), made_studies.two_axes()])
@pytest.mark.parametrize("name", FIGURES)
def test_every_state_of_a_figure_has_its_frame(name, study):
    figure = FIGURES[name](made_evidence(study)).figure
    controls = figure.layout.meta["controls"]
    groups = {frame.group for frame in figure.frames if frame.group}
    names = {frame.name for frame in figure.frames} - groups
    assert names == (states(controls) if controls else set())
    assert all(len(frame.data) == len(figure.data) for frame in figure.frames)


@pytest.mark.parametrize("name", FIGURES)
def test_axes_say_what_they_are(name):
    figure = FIGURES[name](made_evidence()).figure
    if name == "measures":
        texts = [note.text for note in figure.layout.annotations]
        assert len(texts) == 8
        assert all("(" in text for text in texts)
    else:
        assert figure.layout.yaxis.title.text
        below = [axis.title.text for axis in figure.select_xaxes() if axis.title.text]
        of_panels = {"epoch", "log10 of the gradient's size"}
        assert below or any(note.text in of_panels for note in figure.layout.annotations)


def test_one_colour_an_optimizer_everywhere():
    evidence = made_evidence()
    seen: dict[str, set[str]] = {}
    for draw in FIGURES.values():
        for trace in draw(evidence).figure.data:
            colour = trace.marker.color if "marker" in trace else None
            if trace.legendgroup and colour:
                seen.setdefault(trace.legendgroup, set()).add(colour)
    assert seen == {
        label: {style(index).colour} for index, label in enumerate(evidence.grid.optimizers)
    }
