"""The report of a study with a metric of its own, and without any data set: its words, its axes."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from made_metrics import ERROR, own_results, own_study
from made_studies import two_axes

from sweep.analysis.comparison import Standing, compare
from sweep.analysis.comparison_words import as_json, text
from sweep.analysis.evidence import gather
from sweep.figures import FIGURES
from sweep.report import comparison as comparison_page
from sweep.report.dashboard_note import note
from sweep.report.page import render
from sweep.server.sketch import sketch
from sweep.study.metric import Metric
from sweep.study.programs import Function

STRANGERS = re.compile(r"accurac|majority|backbone|percentage point", re.IGNORECASE)
"""Words that say nothing of an error in kWh that a training function reports."""


def said(results) -> str:
    """All of a page that is not script or style, its figures included."""
    page = render(gather(results), results)
    head, _, rest = page.partition("<style>")
    body, _, scripts = rest.partition("</style>")[2].partition('<script type="application/json"')
    return unescape(head + body) + scripts.partition("</script>")[0]


def results_of(**study):
    question = "How large is the error?"
    return own_results(own_study(question=question, **study))


def test_the_page_speaks_of_the_metric_alone():
    page = said(results_of())
    assert not STRANGERS.findall(page)
    for words in (
        "the study's own training function",
        "Average mean absolute error over the range (the verdict rests on it alone)",
        "≤ best + 0.05 kWh",
        "max <var>ā</var> − min <var>ā</var>, in kWh",
        "diverged or ended at most 0.05 kWh below",
        "counts with the larger of",
        "<dt>Mean absolute error where nothing is learned</dt><dd>1.200 kWh</dd>",
    ):
        assert words in page, words


def test_what_is_not_known_is_said():
    metric = ERROR.model_copy(update={"guessing": None})
    study = own_study(metric, question="How large is the error?")
    page = said(own_results(study, has_start=False, reports=("valid_accuracy",)))
    assert not STRANGERS.findall(page)
    assert "what learning nothing comes to is not known" in page
    assert "<dd>not known</dd>" in page
    figure = FIGURES["curves"](gather(own_results(study, reports=("valid_accuracy",)))).first_state
    assert not figure.layout.yaxis.visible  # there is no loss to draw
    assert figure.layout.yaxis2.domain == (0, 1)


def test_a_study_without_a_run_or_a_trial_has_a_page():
    results = results_of()
    assert "energy:train" in said(replace(results, runs=()))
    assert "0 of 105 trials finished" in said(replace(results, runs=(), trials=(), cohorts=()))


OF_GRADIENTS = ("gradients", "adaptive-rate")


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("axes", [1, 2])
def test_figures_are_in_the_metrics_unit(name, axes):
    study = two_axes().replace(task=Function("energy:train", metric=ERROR)) if axes == 2 else None
    evidence = gather(own_results(study))
    drawing = FIGURES[name](evidence)
    if drawing.is_empty:
        assert name in ("effective-rate", *OF_GRADIENTS)  # which no program tells
        return
    drawn = json.dumps(drawing.as_json(), ensure_ascii=False)
    assert not STRANGERS.findall(drawn + drawing.alt + drawing.finding + " ".join(drawing.notes))
    if name != "improvement":
        assert "kWh" in drawn


def test_errors_are_drawn_upwards_from_zero_and_bright_where_they_are_small():
    evidence = gather(own_results())
    figure = FIGURES["robustness"](evidence).first_state
    title = figure.layout.yaxis.title.text
    assert title == "validation mean absolute error (kWh,<br>less is better)"
    heights = [y for trace in figure.data if trace.yaxis is None for y in trace.y if y is not None]
    assert min(heights) > -0.6  # the lower end of a band, around an error of 0.9
    assert max(heights) > 1.2
    heat = FIGURES["heatmap"](evidence).first_state
    assert heat.layout.coloraxis.reversescale
    assert 0 < heat.layout.coloraxis.cmin < heat.layout.coloraxis.cmax < 1.25


def test_a_unit_is_only_text():
    strange = Metric(name="<b>loss</b>", unit="%{y} <i>", near=0.05, direction="minimize")
    results = own_results(own_study(strange, question="?"))
    page = render(gather(results), results).partition("<script")[0]
    assert "<b>loss" not in page
    assert "<i>" not in page
    for name in FIGURES:
        drawn = json.dumps(FIGURES[name](gather(results)).as_json())
        drawn = re.sub(r'"choices": \[[^]]*\]', "", drawn)  # the script makes plain text of them
        assert not re.search("<i>|<b>loss</b>", drawn), name


def test_note_and_sketch_speak_of_it_too():
    results = results_of()
    evidence = gather(results)
    assert not STRANGERS.findall(note(results, evidence))
    small = sketch(evidence.grid)
    assert (small.metric, small.mean) == ("Mean absolute error", "Average mean absolute error")
    assert small.low.endswith(" kWh")
    low, high = (float(end.split()[0]) for end in (small.low, small.high))
    assert 0 < low < high


def test_a_smaller_error_is_better_than_that_of_base():
    base, head = results_of(), own_results(own_study(), lambda accuracy: 2.2 * (1 - accuracy))
    labels = [optimizer.label for optimizer in base.study.optimizers]
    pairs = [(label, label) for label in labels]
    found = compare(base, head, pairs, ("main", "mine"), margin=0.001)
    assert found.standing is Standing.BETTER
    assert "Adam: better in HEAD" in text(found)
    rows = as_json(found)["optimizers"]
    assert all(row["difference"] < 0 and row["high"] < 0 for row in rows)
    assert all(row["head_accuracy"] < row["base_accuracy"] for row in rows)
    assert as_json(found)["metric"]["unit"] == "kWh"
    page = comparison_page.render(found).partition("<script>")[0]
    assert not STRANGERS.findall(page + text(found))
