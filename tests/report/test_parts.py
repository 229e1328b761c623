"""The parts of the page that depend on what is swept: size, tables, method, provenance."""

from dataclasses import replace

import made_studies
import pytest
from made_results import made_results, made_study

from sweep.analysis.evidence import gather
from sweep.report.method import method, position_words
from sweep.report.page import content, render
from sweep.report.progress import progress
from sweep.report.provenance import provenance
from sweep.report.sections import sections
from sweep.study.axis import Axis
from sweep.study.tasks import Model


@pytest.mark.parametrize(
    ("study", "size"),
    [
        (made_study(), "3 optimizers × 7 learning rates × 5 seeds, 10 epochs"),
        (made_studies.batch_sizes(), "2 optimizers × 3 batch sizes × 3 seeds, 4 epochs"),
        (
            made_studies.two_axes(),
            "2 optimizers × 3 batch sizes × 4 learning rates × 3 seeds, 4 epochs",
        ),
        (made_studies.betas(), "2 optimizers × 4 values of β₂ × 3 seeds, 4 epochs"),
        (made_studies.epochs(), "2 optimizers × 3 numbers of epochs × 3 seeds"),
        (made_studies.apart(), "2 optimizers × 2 to 3 batch sizes × 4 learning rates × 3 seeds"),
        (made_study(optimizers=1, seeds=1), "1 optimizer × 7 learning rates × 1 seed, 10 epochs"),
    ],
)
def test_the_size_is_told_by_axis(study, size):
    _, _, told = progress(made_results(study)).partition(" · ")
    assert told.startswith(size)


def test_trials_have_a_column_an_axis():
    results = made_results(made_studies.two_axes())
    *_, trials = sections(gather(results), results)
    assert trials.table.columns[2:4] == ("batch size", "learning rate")
    assert {row[2:4] for row in trials.table.rows} >= {("16", "0.003"), ("256", "0.1")}
    assert all(len(row) == len(trials.table.columns) for row in trials.table.rows)


def test_swept_epochs_and_trained_ones_are_two_columns():
    results = made_results(made_studies.epochs(), diverge_share=0)
    *_, trials = sections(gather(results), results)
    assert (trials.table.columns[2], trials.table.columns[5]) == ("epochs", "epochs trained")
    assert all(row[2] == row[5] for row in trials.table.rows)


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        (Axis(name="learning_rate", values=(0.01,)), "log₁₀ of the learning rate"),
        (Axis(name="warmup.share", values=(0.1,)), "the warm-up share itself"),
        (
            Axis(name="batch_size", values=(16, 32), scale="ordinal"),
            "the place of the batch size among the values tried",
        ),
    ],
)
def test_the_method_says_where_values_lie(axis, words):
    assert position_words(axis) == words


def test_the_method_of_two_axes_is_over_the_area():
    results = made_results(made_studies.two_axes())
    said = method(gather(results).measures)
    assert said.is_area
    assert said.positions == "log₂ of the batch size and log₁₀ of the learning rate"
    assert said.unit == "octaves × decades"
    assert said.point == "a pair of batch size and learning rate"


@pytest.mark.parametrize("products", ["float32", "bfloat16"])
def test_what_is_computed_in_is_told(products):
    model = Model(precision="mixed_bfloat16", head_products=products)
    results = made_results(made_study().replace(model=model))
    told = dict(provenance(gather(results), results))["Model"]
    assert "features in bfloat16; " in told
    assert told.endswith(f"its products in {products}")
    text = "The matrix products of the head's first layer take and give\n  bfloat16"
    assert (text in render(gather(results), results)) is (products == "bfloat16")


def test_at_which_weights_an_optimizer_is_evaluated_is_told():
    results = made_results(made_study().replace(optimizers=["ranger", "adam", "radam"]))
    told = dict(provenance(gather(results), results))
    assert "not the slow weights" in told["ranger is evaluated at"]
    assert "adam is evaluated at" not in told


def test_what_is_swept_has_no_one_value():
    results = made_results(made_studies.batch_sizes())
    told = dict(provenance(gather(results), results))
    assert told["Training"] == "epochs: 4; batch size: swept"
    assert told["Where an optimizer has none of its own"] == "learning rate 0.001"
    assert told["Majority-class baseline"] == "50.0 %"


def test_whose_kernel_the_first_layer_had_is_told():
    results = made_results()
    assert "First layer" not in dict(provenance(gather(results), results))
    cohorts = tuple(
        replace(each, provenance={"kernel": "numba"}) if each.optimizer == "radam" else each
        for each in results.cohorts
    )
    with_kernel = replace(results, cohorts=cohorts)
    told = dict(provenance(gather(with_kernel), with_kernel))
    assert told["First layer"] == "by numba, features that are 0 left out: RAdam"


def test_everything_on_the_page_rests_on_the_same_evidence():
    results = made_results()
    evidence = gather(results)
    page = content(evidence, results)["page"]
    assert (page["headline"], page["pictures"]) == (evidence.verdict.headline, evidence.pictures)


def test_pairs_have_a_table_and_the_method_tells_of_looks():
    results = made_results()
    evidence = gather(results)
    pairs = next(section for section in sections(evidence, results) if section.id == "pairs")
    assert [row[0] for row in pairs.table.rows] == [
        "Adam − Adam with warm-up",
        "RAdam − Adam with warm-up",
        "RAdam − Adam",
    ]
    assert pairs.table.rows[0][1] == "Adam with warm-up is better"
    assert "within 1 point of zero" in pairs.notes[0]
    alone = made_results(made_study(optimizers=1))
    assert "pairs" not in [section.id for section in sections(gather(alone), alone)]
