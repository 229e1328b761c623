"""A study of many optimizers can be read: what is drawn at first, and where names stand."""

import re

import numpy as np
import pytest
from figures.evidence import made_evidence
from made_results import made_study

from sweep.figures import FIGURES, crowd
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup

COUNT = 20


@pytest.fixture(scope="module")
def many():
    study = made_study(optimizers=12, rates=3, seeds=3, epochs=2)
    warm = [
        Optimizer(label=f"{it.label}-warm", algorithm=it.algorithm, warmup=Warmup(share=0.2))
        for it in study.optimizers
        if it.warmup is None
    ]
    return made_evidence(study.replace(optimizers=[*study.optimizers, *warm][:COUNT]))


def drawn_at_first(figure) -> set[str]:
    return {trace.legendgroup for trace in figure.data if trace.visible != "legendonly"}


@pytest.mark.parametrize("name", ["curves", "best-of-k"])
def test_few_lines_are_drawn_at_first(many, name):
    drawing = FIGURES[name](many)
    hidden = {trace.legendgroup for trace in drawing.figure.data if trace.visible == "legendonly"}
    shown = drawn_at_first(drawing.figure)
    assert (len(shown), len(hidden)) == (crowd.MAX_AT_FIRST, COUNT - crowd.MAX_AT_FIRST)
    assert not shown & hidden
    assert many.grid.optimizers[0] in shown
    assert any("8 of 20 optimizers are drawn at first" in note for note in drawing.notes)


@pytest.mark.parametrize("name", ["curves", "best-of-k"])
def test_the_best_and_the_last_that_the_title_names_are_drawn(many, name):
    drawing = FIGURES[name](many)
    named = [
        label
        for label in many.grid.optimizers
        if re.search(rf"(?<![\w-]){re.escape(label)} \d", drawing.finding)
    ]
    assert len(named) >= 2
    assert {*named} <= drawn_at_first(drawing.figure)


@pytest.mark.parametrize("name", ["curves", "best-of-k"])
def test_of_few_optimizers_all_are_drawn(name):
    drawing = FIGURES[name](made_evidence(made_study(optimizers=3, rates=2, seeds=3, epochs=1)))
    assert len(drawn_at_first(drawing.figure)) == 3
    assert not any("at first" in note for note in drawing.notes)


def test_what_has_no_value_is_neither_best_nor_last():
    worth = np.array([np.nan, *np.arange(9.0), *[np.nan] * 3])
    assert sorted(crowd.at_first(worth)) == [0, 1, 2, 3, 6, 7, 8, 9]
    assert sorted(crowd.at_first(np.full(9, np.nan))) == [*range(8)]


def test_rows_of_measures_have_names_where_a_legend_is_too_long(many):
    figure = FIGURES["measures"](many).figure
    assert not any(trace.showlegend for trace in figure.data)
    named = [axis for axis in figure.select_yaxes() if axis.showticklabels]
    assert len(named) == 2
    assert len(named[0].ticktext) == COUNT
    few = FIGURES["measures"](made_evidence(made_study(optimizers=2, rates=2, seeds=3))).figure
    assert not any(axis.showticklabels for axis in few.select_yaxes())


def test_cells_have_their_number(many):
    (trace,) = FIGURES["improvement"](many).figure.data
    assert all(trace.text[row][column] for row, column in [(0, 1), (COUNT - 1, 0)])


def test_what_acts_alike_is_told_together(many):
    finding = FIGURES["effective-rate"](many).finding
    assert "more all from step 1" in finding
    assert finding.count("all from step 1 ") <= 1
