"""The pages in a real browser: they draw, follow a run, and are accessible."""

import threading
from pathlib import Path

import pytest
from made_results import made_results
from report.publishing import show
from server.conftest import HOSTILE, ODD
from server.serving import run, serve, small_study

from sweep.report.dashboard_note import FIGURE_ID
from sweep.store import open_store

CHROMIUM = Path("/usr/bin/chromium")

WANTED = {"resultTypes": ["violations"]}
"""Of axe-core: it would spend as long again on lists of all that is well."""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium")


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


@pytest.fixture
def opened(browser):
    """Opens pages, studies' drawn to their ends if ``whole``, and wants to hear no complaint."""
    contexts, complaints = [], []

    def open_page(address: str, *, whole: bool = True, **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        if whole and "/studies/" in address and "/dashboard" not in address:
            draw_all(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def draw_all(page) -> None:
    """Draw what is far below the view too, as before printing."""
    page.wait_for_selector("html[data-drawn]", state="attached")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_selector("html[data-drawn=all]", state="attached")


@pytest.fixture(params=[(1280, "light"), (400, "dark")], ids=["wide-light", "narrow-dark"])
def look(request) -> dict:
    width, scheme = request.param
    return {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}


def fits(page) -> bool:
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def faults(page) -> list:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    return [
        (fault["id"], [node["target"] for node in fault["nodes"]][:3])
        for fault in axe.Axe().run(page, options=WANTED).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def test_the_list_draws_and_is_accessible(opened, address, look):
    page = opened(address, **look)
    assert page.locator("article svg[role=img] polyline").count() == 9
    assert page.locator("progress").first.get_attribute("value") == "36"
    assert fits(page)
    assert faults(page) == []


def test_a_study_draws_and_is_accessible(opened, address, look):
    page = opened(f"{address}/studies/made", **look)
    drawn = page.locator("section.figure .plot .main-svg").count()
    assert drawn >= page.locator("section.figure").count() >= 6
    assert fits(page)
    assert faults(page) == []


def test_names_do_nothing(opened, address):
    page = opened(address)
    for name in (HOSTILE, ODD):
        page.goto(address)
        page.get_by_role("link", name=name, exact=True).click()
        draw_all(page)
        assert page.locator("h1").inner_text() == name
        assert page.title().startswith(name)
        assert page.evaluate("window.harmed") is None


def test_the_dashboard_draws(opened, address):
    page = opened(f"{address}/dashboard")
    page.get_by_text("1. made").click()
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.get_by_role("heading", name="Hyperparameter Importance").wait_for()


def test_a_trial_is_a_link_into_the_dashboard(opened, address):
    page = opened(f"{address}/studies/made", whole=False)
    page.locator("#trials tbody a", has_text="17").click()
    page.get_by_role("heading", name="Trial 17").wait_for()
    assert page.url.endswith("/trials?numbers=17")


def test_the_dashboard_shows_the_published_figure_note_and_report(opened, own_url, tmp_path):
    with open_store(own_url) as store:
        show(store, store.results("own"), tmp_path / "reports" / "artifacts")
    with serve(own_url, folder=tmp_path) as address:
        page = opened(f"{address}/dashboard/studies/1", viewport={"width": 1280, "height": 900})
        plot = page.locator(f"[id='{FIGURE_ID}'], [id*='{FIGURE_ID}']").first
        plot.scroll_into_view_if_needed()
        plot.locator(".scatterlayer .trace").first.wait_for()
        assert "Mean accuracy at the worst" in plot.locator(".gtitle").text_content()
        inside = plot.evaluate(
            "(plot) => [...plot.querySelectorAll('.gtitle, .xtick text, .xtitle, .legendtext')]"
            ".every((text) => {"
            " const [a, b] = [text, plot].map((element) => element.getBoundingClientRect());"
            " return a.left >= b.left && a.right <= b.right && a.bottom <= b.bottom; })"
        )
        assert inside
        page.get_by_text("own.html", exact=True).wait_for()
        report = page.locator("a[download='own.html']").get_attribute("href")
        page.goto(f"{address}{report}")
        page.wait_for_selector("#robustness .plot .scatterlayer .trace")
        assert page.evaluate("origin") == "null", "a page of its own, that cannot act as ours"
        page.goto(f"{address}/dashboard/studies/1/note")
        page.get_by_role("cell", name="mean accuracy (%)", exact=True).wait_for()


class Reader:
    """What somebody did on a study's page, and whether it is still so."""

    def __init__(self, page) -> None:
        self.page = page
        self.zoom()
        page.locator("#robustness input[type=range]").focus()
        page.keyboard.press("ArrowLeft")
        page.locator("#robustness summary").click()
        page.locator("#trials th button").nth(3).click()
        page.locator("#trials .scroll").evaluate("(box) => box.scrollTo(0, 40)")
        page.locator("#best-of-k .legend button").first.click()
        page.locator("#curves select").select_option("0.003")
        page.evaluate("window.mark = 'same document'")
        page.locator("#trials th button").nth(5).focus()

    def zoom(self) -> None:
        """Draw a box on the main figure with the mouse."""
        area = self.page.locator("#robustness .plot .nsewdrag").first
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        whole = self.state()["x"]
        self.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
        self.page.mouse.up()
        self.page.wait_for_function(
            "(whole) => document.querySelector('#robustness .plot').layout.xaxis.range[0] > whole",
            arg=whole[0],
        )

    def state(self) -> dict:
        return self.page.evaluate(
            """() => {
              const one = (query) => document.querySelector(query);
              const { xaxis, yaxis } = one("#robustness .plot").layout;
              return {
                x: xaxis.range, y: yaxis.range,
                slider: one("#robustness input[type=range]").value,
                epoch: one("#robustness output").textContent,
                opened: one("#robustness details").open,
                sorted: [...document.querySelectorAll("#trials th")]
                  .map((head) => head.getAttribute("aria-sort")),
                scrolled: one("#trials .scroll").scrollTop,
                hidden: one("#best-of-k .legend button").getAttribute("aria-pressed"),
                chosen: one("#curves select").selectedOptions[0].textContent,
                focused: document.activeElement.textContent,
                mark: window.mark,
              };
            }"""
        )


def test_a_page_follows_a_run_and_keeps_what_its_reader_did(opened, tmp_path):
    url = f"sqlite:///{tmp_path / 'sweep.db'}"
    results = made_results(small_study(name="live"), diverge_above=1)
    go_on = threading.Semaphore(6)

    def train() -> None:
        with open_store(url, create=True) as store:
            for cohort in run(store, results):
                go_on.acquire()
                del cohort

    def finished(page, trials: int) -> None:
        page.wait_for_function(
            "(said) => document.getElementById('progress').textContent.startsWith(said)",
            arg=f"{trials} of 36 trials finished",
        )

    trainer = threading.Thread(target=train)
    trainer.start()
    try:
        while not (tmp_path / "sweep.db").exists():
            trainer.join(0.05)
        with serve(url) as address:
            index, page = opened(address), opened(f"{address}/studies/live")
            finished(page, 28)
            assert page.locator("#state").inner_text() == "A run goes on."
            index.get_by_text("28 of 36 trials finished").wait_for()
            index.get_by_text("A run goes on:").wait_for()

            reader = Reader(page)
            before, lines = reader.state(), shown(page)
            assert before["slider"] == "2"
            go_on.release()
            finished(page, 32)
            page.wait_for_function(
                "(lines) => JSON.stringify(document.querySelector("
                "'#robustness .plot').data.map((trace) => trace.y)) !== lines",
                arg=lines,
            )
            assert reader.state() == before
            index.get_by_text("32 of 36 trials finished").wait_for()

            go_on.release()
            go_on.release()
            finished(page, 36)
            page.get_by_text("The last run ended on").wait_for()
            assert page.locator("#warnings p").count() == 0
            assert reader.state() == before
            index.get_by_text("36 of 36 trials finished").wait_for()
            assert index.get_by_text("A run goes on:").count() == 0
            for each in (index, page):  # they would ask on, of a server that is gone
                each.close()
    finally:
        for _ in range(9):
            go_on.release()
        trainer.join()


def shown(page) -> str:
    return page.evaluate(
        "JSON.stringify(document.querySelector('#robustness .plot').data.map((trace) => trace.y))"
    )


def test_a_page_says_when_the_server_has_gone(browser, own_url):
    with serve(own_url) as address:
        page = browser.new_page()
        page.goto(f"{address}/studies/own")
        page.wait_for_selector("html[data-drawn]", state="attached")
        assert page.locator("#updated").inner_text().startswith("Updated ")
    page.get_by_text("Not up to date since").wait_for()
    page.close()
