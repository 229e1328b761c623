"""The page over several studies: one file, verdict first, and what was left out."""

import pytest
from made_over_studies import AXES, GAINS, made_over, several_results
from made_results import made_study
from report.test_page import Page

from sweep.analysis.collect import grid_of
from sweep.analysis.evidence import gather
from sweep.analysis.over_studies import over_studies
from sweep.analysis.over_studies_words import headline, part_rows
from sweep.report.over_studies import Told, drawings, found_over, render


def told_of(results):
    return {name: Told(each, gather(each)) for name, each in results.items()}


@pytest.fixture(scope="module")
def page():
    results = several_results()
    return Page(render(made_over(), told_of(results)))


def test_verdict_first_then_figures_table_and_provenance(page):
    assert [heading for heading in page.headings if heading][:2] == [
        "Sensitivity over 2 studies",
        "Verdict",
    ]
    assert headline(made_over()) in page.text
    places = [page.ids.index(name) for name in ("verdict", "sensitivity", "profiles", "scores")]
    assert places == sorted(places)
    assert "arXiv 2412.07165" in page.text
    for name, share in part_rows(made_over()):
        assert f"{name} {share}" in page.text
    assert "rendered pets" in page.text
    assert page.text.count("Pictures' hash") == 2


def test_nothing_is_loaded_and_every_id_is_there_once(page):
    assert page.loads == []
    assert len({*page.ids}) == len(page.ids)


def test_what_not_all_studies_have_is_told():
    one = several_results(GAINS[:1])["made-0"]
    other = several_results(GAINS[:1], made_study(seeds=5))["made-0"]
    named = {"<one>": one, "other": other}
    found = over_studies([*named], [grid_of(each) for each in named.values()])
    html = render(found, told_of(named))
    assert "Left out: 1 seed that not all studies have (4)." in html
    assert "&lt;one&gt;" in html
    assert "<one>" not in html


def test_axes_are_counted_where_there_are_several():
    two = made_over(study=made_study(seeds=4).replace(axes=AXES))
    assert [each.name for each in drawings(two)] == ["sensitivity", "profiles", "axes-tuned"]
    assert [each.name for each in drawings(made_over())] == ["sensitivity", "profiles"]


def test_studies_that_cannot_be_taken_together_give_nothing():
    one, other = several_results().values()
    assert found_over({"one": one}) is None
    assert found_over({"one": one, "other": other}) is not None
    by_size = several_results(GAINS[:1], made_study(seeds=4).replace(axes=AXES))["made-0"]
    assert found_over({"one": one, "by size": by_size}) is None
