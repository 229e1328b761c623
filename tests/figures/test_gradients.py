"""The figures of gradients, and what is said of them: computed from what was recorded."""

import json
from dataclasses import replace

import numpy as np
import pytest
from figures.evidence import made_evidence
from made_gradients import made_record
from made_results import made_results, made_study

from sweep.analysis.evidence import gather
from sweep.analysis.gradients import most_different
from sweep.figures import adaptive_rate, gradients
from sweep.figures.drawing import Drawing

STUDY = made_study(optimizers=2, rates=3, seeds=2)
STEPS = (1, 5, 10, 100)


def evidence_of(speeds, study=STUDY):
    """Gradients that shrink by so many decades for ten times the steps, by optimizer and point."""
    results = made_results(study, diverge_share=0)
    rates = study.axes[0].values
    records = {
        trial.fingerprint: made_record(
            trial.fingerprint,
            speeds[trial.optimizer][rates.index(trial.point["learning_rate"])],
            STEPS,
        )
        for trial in results.trials
    }
    return gather(replace(results, gradients=tuple(records.values())))


SPEEDS = {"radam": (0, 0, 0), "adam": (0, 2, 1)}


def shown(drawing: Drawing, frame: str) -> dict[str, list]:
    """What is visible in a state, by the type of its traces."""
    (found,) = (it for it in drawing.frames if it.name == frame)
    visible: dict[str, list] = {}
    for trace in found.data:
        if trace["visible"]:
            visible.setdefault(trace["type"], []).append(trace)
    return visible


def test_means_are_over_seeds_by_optimizer_and_point():
    evidence = evidence_of(SPEEDS)
    assert set(evidence.gradients) == {(o, n) for o in range(2) for n in range(3)}
    each = evidence.gradients[1, 1]
    assert each.steps == STEPS
    assert each.seeds == 2
    assert each.beta_2 == 0.999
    assert each.median(0) == pytest.approx(-4, abs=0.05)
    assert each.median(3) == pytest.approx(-8, abs=0.05)
    assert each.small(0) == pytest.approx(0.1, abs=1e-3)
    assert each.small(3) == pytest.approx(0.55, abs=0.05)
    # The variance divided by the squared mean.
    np.testing.assert_allclose(each.rate_variance_R, [7, 3, 2.5, 2.05])


def test_it_begins_where_optimizers_differ_most():
    assert most_different(evidence_of(SPEEDS).gradients) == 1
    alone = made_study(optimizers=1, rates=3, seeds=1)
    assert most_different(evidence_of({"radam": (1, 2, 1)}, alone).gradients) == 2
    assert most_different({}) == 0


def test_the_finding_tells_the_numbers_at_that_point():
    evidence = evidence_of(SPEEDS)
    said = gradients.draw(evidence).finding
    last = evidence.gradients[1, 1]
    assert "(0 included) are of RAdam's 10.0 % at step 10 and 10.0 % at step 100" in said
    assert (
        f"of Adam's {100 * last.small(2):.1f} % at step 10 and {100 * last.small(3):.1f} %" in said
    )
    assert "learning rate 0.01732" in said
    (note, *_) = gradients.draw(evidence).notes
    assert "of Adam 1.0e-04, then 1.0e-08 at step 100" in note
    assert "10.0 % of Adam's" in note


def test_ridges_flat_and_in_space():
    drawing = gradients.draw(evidence_of(SPEEDS))
    flat, in_space = shown(drawing, "0/1"), shown(drawing, "1/1")
    assert {kind: len(traces) for kind, traces in flat.items()} == {"scatter": 2 * len(STEPS)}
    assert {kind: len(traces) for kind, traces in in_space.items()} == {"mesh3d": 2, "scatter3d": 2}
    # The lowest ridge, step 1's, is drawn last; its top is where most gradients are.
    lowest = flat["scatter"][len(STEPS) - 1]
    assert max(lowest["customdata"]) == pytest.approx(0.09, abs=0.005)
    assert sum(lowest["customdata"]) == pytest.approx(0.9, abs=0.01)
    line = in_space["scatter3d"][1]["z"]
    assert len([z for z in line if z is None]) == len(STEPS)
    assert drawing.first_state.layout.meta["controls"][0]["wideStart"] == 1


def test_a_file_has_the_flat_ridges():
    shown = gradients.draw(evidence_of(SPEEDS)).first_state
    assert {it.type for it in shown.data} == {"scatter"}
    assert {"scatter", "scatter3d", "mesh3d"} == {
        it.type for it in gradients.draw(evidence_of(SPEEDS)).start.data
    }


def test_many_optimizers_are_told_of():
    drawing = gradients.draw(made_evidence(made_study(optimizers=9, rates=2, seeds=1)))
    assert drawing.notes[-1].startswith("Not drawn: ")
    assert len({it.scene for it in drawing.start.data if it.type == "mesh3d"}) == 3
    assert len(json.dumps(drawing.as_json(), default=str)) < 2_000_000


@pytest.mark.parametrize("figure", [gradients, adaptive_rate])
def test_nothing_recorded_is_nothing_drawn(figure):
    drawing = figure.draw(gather(replace(made_results(STUDY), gradients=())))
    assert drawing.is_empty
    assert "ecorded there" in drawing.finding


def test_theory_and_simulation_stand_beside_what_was_measured():
    drawing = adaptive_rate.draw(evidence_of(SPEEDS))
    names = [trace.name for trace in drawing.first_state.data]
    assert names == [
        "normal gradients, simulated",
        "theory (Theorem 1)",
        "its approximation",
        "RAdam's r",
        "RAdam",
        "Adam",
    ]
    simulated, exact, approximate, r, _, adam = drawing.first_state.data
    assert list(adam.y) == [7, 3, 2.5, 2.05]
    # 2,000 draws; the first steps' variance has itself no variance, so only later ones are near.
    np.testing.assert_allclose(simulated.y[15:], exact.y[15:], rtol=0.15)
    assert approximate.y[-1] == pytest.approx(exact.y[-1], rel=0.05)
    assert r.yaxis == "y2"
    assert r.y[0] is None
    assert 0 < r.y[-1] < 1
    assert "of Adam 7 at step 1 and 2 at step 100" in drawing.finding.replace("2.1", "2")


def test_sgd_has_no_adaptive_rate():
    evidence = evidence_of(SPEEDS)
    without = {
        (o, n): replace(each, rate_variance_R=np.full(4, np.nan)) if o == 0 else each
        for (o, n), each in evidence.gradients.items()
    }
    drawing = adaptive_rate.draw(replace(evidence, gradients=without))
    assert "RAdam" not in [trace.name for trace in drawing.first_state.data]
    assert "Adam" in drawing.finding
