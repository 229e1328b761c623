"""The gradients' figure: a histogram of their sizes at each recorded step, one panel an optimizer.

After Figures 2 and 3 of Liu et al. 2020 (arXiv 1908.03265). In space, as there; and flat, as rows
of ridges one above the other, for small screens, files and paper.

Legend: see ``gradients_arrays``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from sweep.analysis.evidence import Evidence
from sweep.analysis.gradient_words import median_words, size, small_words
from sweep.analysis.gradients import SMALL, Recorded, most_different
from sweep.analysis.wording import listed, percent
from sweep.figures import slices
from sweep.figures.drawing import Control, Drawing, Frame, Table, figure
from sweep.figures.gradients_arrays import Extent, Ridge, extent, ridges, steps_at
from sweep.figures.panels import MAX_COLUMNS, Panels, panel_suffix
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, title

NAME = "gradients"
OVERLAP = 2.2
"""So many rows high is the highest ridge of all."""
FLAT, IN_SPACE = 0, 1
_NOTE = (
    "Sizes of the gradients of single batches, by the weights before the step, as means over "
    "seeds. Of layers with more than 8,192 weights a random sample of as many is looked at. "
    "After Figures 2 and 3 of Liu et al. 2020."
)


@dataclass(frozen=True)
class _State:
    """The figure at a point, flat or in space."""

    drawn: Extent
    steps: tuple[int, ...]
    ridges: tuple[Ridge, ...]
    view: int

    @classmethod
    def of(cls, evidence: Evidence, drawn: Extent, point: int | None, view: int) -> "_State":
        if point is None:
            return cls(drawn, (), (), view)
        steps = steps_at(evidence.gradients, drawn, point)
        return cls(drawn, steps, ridges(evidence.gradients, drawn, point, steps), view)

    def traces(self) -> Iterator[dict[str, Any]]:
        """Of every optimizer, first its rows flat, then all in space; one view's are empty."""
        for panel, optimizer in enumerate(self.drawn.optimizers):
            ridge = next((it for it in self.ridges if it.optimizer == optimizer), None)
            for row in reversed(range(self.drawn.rows)):
                yield self._flat(panel, optimizer, ridge, row)
        for panel, optimizer in enumerate(self.drawn.optimizers):
            ridge = next((it for it in self.ridges if it.optimizer == optimizer), None)
            yield from self._in_space(panel, optimizer, ridge)

    @property
    def _x(self) -> list[float | None]:
        """Where a ridge's line goes, from the ground and back to it."""
        decades = numbers(self.drawn.decades, 4)
        return [decades[0], *decades, decades[-1]]

    def _shares(self, ridge: Ridge | None, row: int) -> list[float]:
        if ridge is None or row not in ridge.rows:
            return []
        digits = 4 if self.drawn.tells_shares else 3
        shares = ridge.share_RB[ridge.rows.index(row)].tolist()
        return [round(share, digits) or 0 for share in shares]

    def _step(self, row: int) -> str:
        return f"{self.steps[row]:,}" if row < len(self.steps) else ""

    def _flat(self, panel: int, optimizer: int, ridge: Ridge | None, row: int) -> dict[str, Any]:
        shares = self._shares(ridge, row) if self.view == FLAT else []
        scale, tells = OVERLAP / (self.drawn.highest or 1), self.drawn.tells_shares
        suffix = panel_suffix(panel)
        return {
            "type": "scatter",
            "visible": bool(shares),
            "x": self._x,
            "y": [round(row + scale * share, 2) for share in (0, *shares, 0)] if shares else [],
            **({"customdata": [0, *shares, 0] if shares else []} if tells else {}),
            "xaxis": f"x{suffix}",
            "yaxis": f"y{suffix}",
            "fill": "toself",
            "fillcolor": style(optimizer).faded(0.55),
            "mode": "lines",
            "line": {"color": style(optimizer).colour, "width": 1.5},
            "showlegend": False,
            "meta": self._step(row),
            "hovertemplate": _hover("%{meta}", "%{customdata:.1~%}" if tells else ""),
        }

    def _in_space(
        self, panel: int, optimizer: int, ridge: Ridge | None
    ) -> Iterator[dict[str, Any]]:
        """All ridges of a panel: the areas below their lines, and the lines."""
        is_shown = self.view == IN_SPACE and ridge is not None
        shares = [self._shares(ridge, row) if is_shown else [] for row in range(self.drawn.rows)]
        decades, rows = numbers(self.drawn.decades, 4), range(self.drawn.rows)
        count = len(decades)
        ground, gap = [0] * count, [None] * count
        common = {"visible": is_shown, "scene": f"scene{panel_suffix(panel)}"}
        colour = style(optimizer).colour
        yield common | {
            "type": "mesh3d",
            "x": [*decades, *decades] * self.drawn.rows,
            "y": [row for row in rows for _ in range(2 * count)],
            "z": [z for row in rows for z in (*ground, *(shares[row] or ground))],
            **dict(zip("ijk", _triangles(count, self.drawn.rows), strict=True)),
            "color": colour,
            "opacity": 0.6,
            "lighting": {"ambient": 1, "diffuse": 0, "specular": 0},
            "hoverinfo": "skip",
        }
        yield common | {
            "type": "scatter3d",
            "x": [*decades, None] * self.drawn.rows,
            "y": [row for row in rows for _ in range(count + 1)],
            "z": [z for row in rows for z in (*(shares[row] or gap), None)],
            "customdata": [self._step(row) for row in rows for _ in range(count + 1)],
            "mode": "lines",
            "line": {"color": colour, "width": 3},
            "showlegend": False,
            "hovertemplate": _hover("%{customdata}", "%{z:.1~%}"),
        }

    def axes(self, *, has_ticks: bool = True) -> dict[str, Any]:
        """Which kind of axes is there, and the ticks of every panel's rows."""
        ticks = {
            "tickvals": [*range(len(self.steps))],
            "ticktext": [f"{step:,}" for step in self.steps],
        }
        ticks = ticks if has_ticks else {}
        layout: dict[str, Any] = {}
        for panel in range(len(self.drawn.optimizers)):
            suffix = panel_suffix(panel)
            layout[f"xaxis{suffix}"] = {"visible": self.view == FLAT}
            layout[f"yaxis{suffix}"] = {"visible": self.view == FLAT, **ticks}
            layout[f"scene{suffix}"] = {"yaxis": ticks}
        return layout


def _hover(step: str, share: str) -> str:
    said = f": {share} of the weights" if share else ""
    return f"step {step}{said}<br>log10 of the size %{{x:.2f}}<extra></extra>"


def _triangles(columns: int, rows: int) -> tuple[list[int], list[int], list[int]]:
    """Corners of the triangles between each row's ground and its line, as a mesh has them."""
    ground = [row * 2 * columns + column for row in range(rows) for column in range(columns - 1)]
    above = [place + columns for place in ground]
    return (
        [*ground, *(place + 1 for place in ground)],
        [*(place + 1 for place in ground), *(place + 1 for place in above)],
        [*above, *above],
    )


def finding(evidence: Evidence, point: int | None) -> str:
    """How many gradients are tiny in the first steps and at the end, at a point."""
    if point is None:
        return slices.absent_words(evidence.pictures)
    names, each = _recorded(evidence, point)
    if not each:
        return f"No gradients are recorded there ({evidence.pictures})"
    where = slices.point_words(evidence.grid, point)
    return f"{small_words(names, each)} ({where}; {evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure; empty where nothing was recorded."""
    grid = evidence.grid
    start = most_different(evidence.gradients)
    drawn = extent(evidence.gradients, len(grid.points)) or Extent((), 0, 0, 0, False, 1.0)
    state = _State.of(evidence, drawn, start, FLAT)
    said = finding(evidence, start)
    names, each = _recorded(evidence, start)
    panels = Panels(
        titles=tuple(grid.optimizers[o] for o in drawn.optimizers) or ("",),
        columns=min(MAX_COLUMNS, max(1, len(drawn.optimizers))),
        cells_height=330,
        below="log10 of the gradient's size",
        beside="training step",
    )
    return Drawing(
        name=NAME,
        finding=said,
        start=_figure(evidence, panels, state, said, start),
        frames=[*_frames(evidence, drawn, start)] if each else (),
        alt="Histograms of the sizes of gradients, one for each recorded step and optimizer.",
        notes=(*((median_words(names, each),) if each else ()), _NOTE, *_left_out(evidence, drawn)),
        table=_table(names, each),
    )


def _figure(evidence: Evidence, panels: Panels, state: _State, said: str, start: int) -> go.Figure:
    across, upward = _flat_axes(state)
    narrow = panels.narrow()
    traces: list[Any] = [_trace(each) for each in state.traces()]
    layout = panels.layout(across, upward)
    for name, axis in state.axes().items():
        layout[name] = {**layout.get(name, {}), **axis}
    for name, scene in _scenes(panels, state).items():
        layout[name] = {**scene, "yaxis": {**scene["yaxis"], **layout[name]["yaxis"]}}
    return figure(
        traces,
        said,
        layout | {"margin": {"l": 64, "r": 16, "t": 96, "b": 8}},
        height=panels.height + 60,
        controls=(
            Control("View", "switch", ("flat", "3D"), FLAT, wide_start=IN_SPACE),
            *slices.point_controls(evidence.grid, start),
        ),
        narrow=narrow.layout({}, {})
        | {"height": narrow.height}
        | {name: {"domain": it["domain"]} for name, it in _scenes(narrow, state).items()},
    )


def _trace(each: dict[str, Any]) -> Any:
    rest = {name: value for name, value in each.items() if name != "type"}
    kinds = {"scatter": go.Scatter, "scatter3d": go.Scatter3d, "mesh3d": go.Mesh3d}
    return kinds[each["type"]](rest)


def _flat_axes(state: _State) -> tuple[dict[str, Any], dict[str, Any]]:
    decades = state.drawn.decades
    across = {"range": [float(decades[0]), float(decades[-1])], "dtick": 2, "zeroline": False}
    upward = {
        "range": [-0.3, state.drawn.rows - 1 + OVERLAP + 0.2],
        "tickmode": "array",
        "zeroline": False,
    }
    return across, upward


def _scenes(panels: Panels, state: _State) -> dict[str, Any]:
    """Every panel's axes in space."""
    decades = state.drawn.decades
    common = {
        "xaxis": {
            "title": {"text": ""},
            "range": [float(decades[0]), float(decades[-1])],
            "dtick": 2,
            "tickfont": {"size": 10},
        },
        "yaxis": {
            "title": {"text": "step", "font": {"size": 11}},
            "tickmode": "array",
            "tickfont": {"size": 10},
        },
        "zaxis": {
            "title": {"text": ""},
            "tickfont": {"size": 10},
            "tickformat": ".0%",
            "range": [0, state.drawn.highest],
        },
        "aspectmode": "manual",
        "aspectratio": {"x": 1.1, "y": 1.2, "z": 0.85},
        "camera": {
            "eye": {"x": 1.35, "y": -2.45, "z": 1.02},
            "center": {"x": -0.06, "y": -0.03, "z": -0.12},
        },
        "dragmode": "turntable",
    }
    return {
        f"scene{panel_suffix(panel)}": common | {"domain": panels.domain(panel)}
        for panel in range(len(state.drawn.optimizers))
    }


def _frames(evidence: Evidence, drawn: Extent, start: int) -> Iterator[Frame]:
    """A state a view and point; nothing is drawn where no optimizer has it."""
    first = steps_at(evidence.gradients, drawn, start)
    for view in (FLAT, IN_SPACE):
        for key, point in slices.point_keys(evidence.grid, start).items():
            state = _State.of(evidence, drawn, point, view)
            said = {"title": {"text": title(finding(evidence, point))}}
            yield Frame(
                name="/".join(map(str, (view, *key))),
                data=[
                    _moving(each, has_other_steps=state.steps != first) for each in state.traces()
                ],
                layout=state.axes(has_ticks=state.steps != first) | said,
            )


def _moving(trace: dict[str, Any], *, has_other_steps: bool) -> dict[str, Any]:
    """What of a trace is another one in another state."""
    if not trace["visible"]:
        return {"type": trace["type"], "visible": False}
    is_flat = trace["type"] == "scatter"
    changing = ["type", "visible", "y" if is_flat else "z"]
    changing += ["meta"] if has_other_steps else []
    changing += ["customdata"] if is_flat or has_other_steps else []
    return {name: trace[name] for name in changing if name in trace}


def _recorded(evidence: Evidence, point: int) -> tuple[list[str], list[Recorded]]:
    """Names of the optimizers of which something was recorded at a point, and what."""
    there = [
        (evidence.grid.optimizers[o], each)
        for (o, n), each in evidence.gradients.items()
        if n == point
    ]
    return [name for name, _ in there], [each for _, each in there]


def _left_out(evidence: Evidence, drawn: Extent) -> Iterator[str]:
    known = sorted({o for o, _ in evidence.gradients})
    names = [evidence.grid.optimizers[o] for o in known if o not in drawn.optimizers]
    if names:
        yield f"Not drawn: {listed([plain(name) for name in names])}."


def _table(names: Sequence[str], each: Sequence[Recorded]) -> Table:
    rows = tuple(
        (
            name,
            f"{step:,}",
            size(one.median(at)),
            percent(one.small(at), 1),
            percent(float(one.zero_R[at]), 1),
        )
        for name, one in zip(names, each, strict=True)
        for at, step in enumerate(one.steps)
    )
    return Table(("optimizer", "step", "median size", f"below 1e{SMALL}", "exactly 0"), rows)
