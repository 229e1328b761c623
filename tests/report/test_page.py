"""The report: one file, honest about what is there, safe whatever names say."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from made_results import made_results, made_study
from report.publishing import rendered

from sweep.analysis.collect import grid_of
from sweep.analysis.evidence import gather
from sweep.errors import FileError
from sweep.figures import FIGURES
from sweep.report.markup import inlined
from sweep.report.writing import file_name, write_report
from sweep.results.pictures import pictures_name
from sweep.results.results import Results
from sweep.study.optimizer import Optimizer

MEGABYTE = 1_000_000


class Page(HTMLParser):
    """What a page is made of: elements, ids, texts, what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "src" or (name == "href" and tag == "link"):
                self.loads.append(value)
            if name == "href" and tag == "a":
                self.links.append(value)

    def handle_data(self, data):
        if self.tags and self.tags[-1] in ("h1", "h2"):
            self.headings.append(data.strip())
        if self.tags and self.tags[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html() -> str:
    return rendered(made_results())


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def content_of(html: str) -> dict:
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', html, re.S)
    assert found is not None
    return json.loads(found[1])


def test_page_loads_nothing_from_outside(html, page):
    assert page.loads == []
    assert "default-src 'none'" in html
    assert html.count("* plotly.js v") == 1


def test_every_figure_is_there_in_order(html, page):
    assert list(content_of(html)["figures"]) == list(FIGURES)
    assert [name for name in page.ids if name in FIGURES] == list(FIGURES)


def test_navigation_leads_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    targets = [link.removeprefix("#") for link in page.links]
    assert len(targets) > 8
    assert set(targets) <= set(page.ids)


def test_verdict_comes_first(page):
    assert page.ids.index("verdict") < page.ids.index("robustness")
    assert "RAdam" in page.text


def test_every_title_says_which_pictures_were_used(page):
    own = {"made", "Where this comes from", "Method"}
    titles = [heading for heading in page.headings if heading and heading not in own]
    assert len(titles) >= 10
    assert all("rendered pets" in title for title in titles)


def test_pictures_of_a_run_have_the_last_word():
    assert pictures_name(made_results(pictures="Dogs vs. Cats")) == "Dogs vs. Cats"
    results = made_results()
    assert pictures_name(Results(results.study, (), (), ())) == "dogs-vs-cats"


@pytest.mark.parametrize(
    "fact",
    [
        "rendered pets (drawn by the program)",
        "2,000: 1,000 cat, 1,000 dog",
        "500: 250 cat, 250 dog",
        "random small base, from seed 0 (hash abc123)",
        "sweep run made --data rendered-pets",
        "tensorflow 2.21.0",
        "2026-03-01 09:00:00 UTC to 2026-03-01 09:02:30 UTC",
        "2 skipped files",
        "Dog/<11702>.jpg",
        "105 of 105 trials finished",
    ],
)
def test_page_says_where_it_comes_from(page, fact):
    assert fact in page.text


def test_tables_have_every_trial_and_measure(page):
    assert page.tags.count("table") == len(FIGURES) + 3
    assert "mean accuracy (%)" in page.text
    assert page.tags.count("tr") > 105


def test_a_part_of_a_study_says_so():
    text = Page(rendered(made_results(untouched=7, running=(7,)))).text
    assert "49 of 105 trials finished, 5 diverged, 7 running" in text
    assert "56 of 105 trials are not finished" in text
    assert "Seed 4 is left out" in text


def test_an_empty_study_has_a_page():
    html = rendered(made_results(untouched=15))
    assert content_of(html)["figures"] == {}
    assert "0 of 105 trials finished" in Page(html).text


def test_a_study_without_a_run_has_a_page():
    results = made_results(untouched=15)
    assert "Where this comes from" in Page(rendered(Results(results.study, (), (), ()))).text


def test_failed_trials_are_listed_with_their_error():
    page = Page(rendered(made_results(failed=(4,))))
    assert "failures" in page.ids
    assert "7 failed" in page.text
    assert "RuntimeError: the disk is <b>full</b>" in page.text
    assert "<b>" not in page.tags


def test_one_seed_claims_nothing():
    text = Page(rendered(made_results(made_study(seeds=1)))).text
    assert "no difference can be claimed" in text
    assert "95 % intervals over" not in text.split("Method")[0].split("In brackets")[0]


@pytest.mark.parametrize("word", ["guess", "log10"])
def test_the_field_s_own_words_are_used(page, word):
    assert word not in page.text.lower()
    assert "majority-class baseline" in page.text


NASTY = "</script><script>alert(1)</script>"


def test_names_are_only_text():
    study = made_study(name="<script>alert(0)<").replace(
        question="<img src=x onerror=alert(1)>",
        optimizers=(
            Optimizer(label=NASTY, algorithm="adam"),
            Optimizer(label='<a href="javascript:alert(1)">%{x}', algorithm="radam"),
        ),
    )
    html = rendered(made_results(study, pictures="<iframe>"))
    page = Page(html)
    assert page.tags.count("script") == 3
    assert not {"img", "iframe"} & set(page.tags)
    assert all(link.startswith("#") for link in page.links)
    assert NASTY in page.text
    figures = content_of(html)["figures"]
    for trace in figures["robustness"]["data"]:
        assert "<script" not in trace["name"]
        assert "<a " not in trace.get("hovertemplate", "")


def test_inlined_texts_cannot_end_the_script():
    content = {"text": "</script><!--"}
    assert "<" not in inlined(content)
    assert json.loads(inlined(content)) == content


def test_file_is_written_whole_or_not_at_all(tmp_path):
    path = write_report(
        rendered(made_results(made_study(rates=2, seeds=1))), tmp_path / "new" / "it.html"
    )
    assert path.read_text().rstrip().endswith("</html>")
    assert [found.name for found in path.parent.iterdir()] == ["it.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        write_report(
            rendered(made_results(made_study(rates=2, seeds=1))), tmp_path / "file" / "it.html"
        )


def test_a_thousand_trials_stay_under_eight_megabytes():
    results = made_results(made_study(10, 10, 10, 30))
    html = rendered(results)
    assert len(results.trials) == 1000
    assert len(html.encode()) < 8 * MEGABYTE
    assert "The slider offers 15 of 31 epochs." in Page(html).text


def test_a_long_table_is_cut_and_says_so():
    results = made_results(made_study(rates=30, seeds=25, epochs=1))
    page = Page(rendered(results))
    assert "The first 2,000 of 2,250 trials" in page.text


def test_numbers_of_the_trials_reach_the_figures():
    results = made_results(failed=(4,))
    evidence = gather(results)
    for trial in results.trials:
        place = (
            grid_of(results).optimizers.index(trial.optimizer),
            list(evidence.grid.values_N).index(trial.point["learning_rate"]),
            evidence.grid.seeds.index(trial.seed),
        )
        shown = evidence.trial_ONS[place]
        assert shown == trial.number if trial.outcome != "failed" else shown != shown


def test_report_loads_no_training():
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, sweep.report; print([name for name in ('tensorflow', 'keras', 'jax', "
            "'optuna', 'sqlalchemy') if name in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "[]"


def test_no_study_overwrites_the_report_of_another(tmp_path):
    names = ("a:b", "a-b", "A-b", "a b", "con")
    for name in names:
        made = made_results(made_study(name=name, rates=2, seeds=2, epochs=1))
        write_report(name, tmp_path / file_name(made))
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == sorted(names)
    assert (tmp_path / "a-b.html").read_text() == "a-b"
