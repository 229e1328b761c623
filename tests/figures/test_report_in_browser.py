"""The report in a real browser, offline: it draws, answers to its controls, and is accessible."""

from pathlib import Path

import made_studies
import pytest
from made_results import made_results, made_study
from report.publishing import rendered

from sweep.figures import FIGURES
from sweep.report.writing import write_report

CHROMIUM = Path("/usr/bin/chromium")
KINDS = "[...new Set(document.querySelector('#gradients .plot').data.map((it) => it.type))]"
"""Of the traces that the figure of gradients draws, in the page."""

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


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    return write_report(rendered(made_results(diverge_above=0.05)), folder / "report.html")


def opened(browser, path: Path, *, whole: bool = True, fragment: str = "", **options):
    """The page, all figures drawn unless not ``whole``, and what it complained of."""
    context = browser.new_context(offline=True, **options)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.extend(_complaint(said.text)))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: _expect_local(page, request.url))
    page.goto(path.as_uri() + fragment)
    page.wait_for_selector("html[data-drawn]", state="attached")
    if whole:
        draw_all(page)
    return page


def _complaint(text: str) -> list[str]:
    """What the console says, but how slow it is without a graphics card to draw in space."""
    of_speed = ("GL Driver Message", "willReadFrequently", "software WebGL")
    return [] if any(words in text for words in of_speed) else [text]


def draw_all(page) -> None:
    """Draw what is far below the view too, as for printing."""
    page.evaluate("['beforeprint', 'afterprint'].map((name) => dispatchEvent(new Event(name)))")
    page.wait_for_selector("html[data-drawn=all]", state="attached")


def drawn(page) -> set[str]:
    """The figures that are drawn."""
    return set(
        page.evaluate(
            "[...document.querySelectorAll('section.figure')]"
            ".filter((section) => section.querySelector('.plot .main-svg'))"
            ".map((section) => section.id)"
        )
    )


def _expect_local(page, url: str) -> None:
    if not url.startswith(("file:", "data:", "blob:")):
        page.complaints.append(f"asked for {url}")


@pytest.fixture(scope="module")
def page(browser, report):
    return opened(browser, report, viewport={"width": 1280, "height": 900})


@pytest.fixture(
    scope="module", params=[(1280, "light"), (400, "dark")], ids=["wide-light", "narrow-dark"]
)
def sized(request, browser, report):
    """A page that tests leave as they find it."""
    width, scheme = request.param
    page = opened(browser, report, viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield page
    page.context.close()


def shown(page, name: str, axis: str = "y") -> list:
    """What a figure draws: each trace's heights."""
    return page.evaluate(
        f"document.querySelector('#{name} .plot').data.map((trace) => trace['{axis}'])"
    )


def test_every_figure_draws_without_complaint(sized):
    assert drawn(sized) == set(FIGURES)
    assert sized.complaints == []


def test_gradients_are_in_space_where_there_is_room(sized):
    is_wide = sized.viewport_size["width"] > 640
    expected = ["scatter", "mesh3d", "scatter3d"] if is_wide else ["scatter"]
    assert sized.evaluate(KINDS) == expected
    choices = sized.locator("#gradients .controls input[type=radio]")
    before = next(choice for choice in choices.all() if choice.is_checked())
    sized.locator("#gradients .controls").get_by_label("flat").check()
    assert sized.evaluate(KINDS) == ["scatter"]
    assert sized.evaluate("document.querySelectorAll('#gradients canvas').length") == 0
    before.check()
    assert sized.evaluate(KINDS) == expected


def test_gradients_are_flat_on_paper_and_in_space_again_after_it(page):
    page.evaluate(
        f"addEventListener('beforeprint', () => {{ window.printed = {KINDS}.map(String); }})"
    )
    in_space = page.evaluate(KINDS)
    assert "mesh3d" in in_space
    page.pdf()
    assert page.evaluate("window.printed") == ["scatter"]
    assert page.evaluate(KINDS) == in_space
    assert page.complaints == []


def test_a_figure_is_drawn_when_it_comes_near(browser, report):
    page = opened(browser, report, whole=False, viewport={"width": 1280, "height": 800})
    page.wait_for_selector("#robustness .plot .main-svg", state="attached")
    assert "effective-rate" not in drawn(page)
    page.locator("#effective-rate").scroll_into_view_if_needed()
    page.wait_for_selector("#effective-rate .plot .scatterlayer .trace")
    assert "curves" not in drawn(page), "what was jumped over is left alone"
    page.locator("#curves select").focus()
    page.wait_for_selector("#curves .plot .scatterlayer .trace")
    page.pdf()
    assert drawn(page) == set(FIGURES), "on paper there is no scrolling"
    page.context.close()


@pytest.mark.parametrize("width", [1280, 400])
def test_a_link_leads_to_its_figure_though_others_are_drawn_later(browser, report, width):
    page = opened(
        browser,
        report,
        whole=False,
        fragment="#effective-rate",
        viewport={"width": width, "height": 800},
    )
    page.wait_for_selector("#effective-rate .plot .scatterlayer .trace")
    place = "document.querySelector('#effective-rate').getBoundingClientRect().top + scrollY"
    before = page.evaluate(place)
    draw_all(page)
    assert abs(page.evaluate(place) - before) < 3
    page.context.close()


def test_nothing_sticks_out(sized):
    assert sized.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    outside = sized.evaluate(
        "[...document.querySelectorAll('.plot')].flatMap((plot) =>"
        " [...plot.querySelectorAll('.xtick text, .ytick text, .annotation-text')].filter("
        "(text) => { const [a, b] = [text.getBoundingClientRect(), plot.getBoundingClientRect()];"
        " return a.left < b.left - 2 || a.right > b.right + 2; }).map((text) => text.textContent))"
    )
    assert outside == []


def test_slider_shows_other_epochs(page):
    slider = page.locator("#robustness input[type=range]")
    last = shown(page, "robustness")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("#robustness output").inner_text() == "0"
    assert slider.get_attribute("aria-valuetext") == "Epoch 0"
    first = shown(page, "robustness")
    assert first != last
    page.keyboard.press("ArrowRight")
    assert shown(page, "robustness") not in (first, last)
    page.keyboard.press("End")
    assert shown(page, "robustness") == last


def test_switch_shows_the_loss_and_back(page):
    accuracy = shown(page, "robustness")
    page.get_by_label("training loss", exact=True).check()
    assert shown(page, "robustness") != accuracy
    assert "training loss" in page.locator("#robustness .ytitle").text_content()
    page.get_by_label("validation accuracy", exact=True).check()
    assert shown(page, "robustness") == accuracy


def test_learning_rate_can_be_selected(page):
    before, title = shown(page, "curves"), page.locator("#curves h2").inner_text()
    page.locator("#curves select").select_option("0.003")
    assert shown(page, "curves") != before
    assert "0.003" in page.locator("#curves h2").inner_text() != title


def test_legend_hides_an_optimizer_by_keyboard(page):
    button = page.locator("#best-of-k .legend button", has_text="RAdam").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    hidden = page.evaluate(
        "document.querySelector('#best-of-k .plot').data"
        ".filter((trace) => trace.legendgroup === 'RAdam').map((trace) => trace.visible)"
    )
    assert hidden
    assert not any(hidden)
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"


def test_zoom_outlives_a_change(page):
    plot = page.locator("#robustness .plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 140, steps=5)
    page.mouse.up()
    ranges = "() => document.querySelector('#robustness .plot')._fullLayout.yaxis.range"
    zoomed = page.evaluate(ranges)
    page.locator("#robustness input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(ranges) == zoomed


def test_hovering_gives_value_and_interval(page):
    page.locator("#best-of-k").scroll_into_view_if_needed()
    point = page.locator("#best-of-k .scatterlayer .trace .points path").last
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#best-of-k .hoverlayer .hovertext")
    text = page.locator("#best-of-k .hoverlayer").text_content()
    assert "best of 7" in text
    assert "95 % interval" in text


def test_trials_can_be_sorted(page):
    head = page.locator("#trials th", has_text="validation accuracy").first
    cells = "#trials tbody td:nth-child(10)"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = [float(text.rstrip("%")) for text in page.locator(cells).all_inner_texts()]
    assert rising == sorted(rising)
    head.locator("button").click()
    falling = [float(text.rstrip("%")) for text in page.locator(cells).all_inner_texts()]
    assert falling == rising[::-1] == sorted(falling, reverse=True)


def test_dark_and_light_differ(browser, report):
    backs = set()
    page = opened(browser, report, whole=False, color_scheme="light")
    page.wait_for_selector("#robustness .plot .main-svg", state="attached")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            "(dark) => document.querySelector('#robustness .plot').layout.template.layout"
            ".paper_bgcolor === (dark ? '#14171c' : '#ffffff')",
            arg=scheme == "dark",
        )
        backs.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert backs == {"rgb(255, 255, 255)", "rgb(20, 23, 28)"}
    page.context.close()


def test_names_do_nothing(browser, tmp_path):
    study = made_study(rates=2, seeds=2, epochs=2, name="<script>window.harmed = 1<")
    label = "</script><img src=x onerror='window.harmed = 1'>"
    bad = study.optimizers[0].model_copy(update={"label": label})
    study = study.replace(optimizers=(bad, *study.optimizers[1:]))
    page = opened(browser, write_report(rendered(made_results(study)), tmp_path / "report.html"))
    assert page.evaluate("window.harmed") is None
    assert page.locator("#robustness .legend button").first.inner_text().strip() == label
    assert page.complaints == []
    page.context.close()


def test_no_serious_fault_of_accessibility(sized):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    faults = axe.Axe().run(sized, options=WANTED).response["violations"]
    told = [
        (fault["id"], [node["target"] for node in fault["nodes"]][:3])
        for fault in faults
        if fault["impact"] in ("serious", "critical")
    ]
    assert told == []


@pytest.fixture(scope="module")
def two_axes(tmp_path_factory) -> Path:
    """The report of a study of two axes."""
    folder = tmp_path_factory.mktemp("two-axes")
    return write_report(rendered(made_results(made_studies.two_axes())), folder / "report.html")


def test_slices_are_chosen_by_axis_and_value(browser, two_axes):
    page = opened(browser, two_axes, whole=False, viewport={"width": 1280, "height": 900})
    page.wait_for_selector("#robustness .plot .main-svg", state="attached")
    sliders = page.locator("#robustness .controls label:has(input[type=range])")
    rates, sizes, _ = sliders.all()
    assert (rates.is_visible(), sizes.is_visible()) == (True, False)
    rates.locator("input").focus()
    page.keyboard.press("Home")
    at_lowest = shown(page, "robustness")
    assert "at learning rate 0.003:" in page.locator("#robustness h2").inner_text()
    page.keyboard.press("End")
    assert rates.locator("output").inner_text() == "0.1"
    assert "at learning rate 0.1:" in page.locator("#robustness h2").inner_text()
    assert shown(page, "robustness") != at_lowest
    page.get_by_label("learning rate", exact=True).check()
    assert (rates.is_visible(), sizes.is_visible()) == (False, True)
    assert page.locator("#robustness .xtitle").text_content() == "learning rate (log scale)"
    assert "worst learning rate from 0.003 to 0.1 at batch size" in (
        page.locator("#robustness h2").inner_text()
    )
    page.get_by_label("batch size", exact=True).check()
    assert page.locator("#robustness .xtitle").text_content().startswith("batch size")
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (400, "light")])
def test_two_axes_draw_and_are_accessible(browser, two_axes, width, scheme):
    size = {"width": width, "height": 800}
    page = opened(browser, two_axes, viewport=size, color_scheme=scheme)
    assert drawn(page) == set(FIGURES)
    assert page.complaints == []
    assert page.locator("#heatmap .heatmaplayer image").count() == 2
    test_nothing_sticks_out(page)
    test_no_serious_fault_of_accessibility(page)
    page.context.close()
