"""One figure alone: JSON without anything else, pictures through Kaleido and a real browser."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from figures.evidence import made_evidence
from PIL import Image

from sweep.errors import MissingError, UsageError
from sweep.figures import FIGURES
from sweep.figures.export import SCALE, WIDTH, write_figure

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def drawing(monkeypatch) -> None:
    """A machine with Kaleido and Chromium."""
    pytest.importorskip("kaleido", reason="needs Kaleido")
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium at /usr/bin/chromium")
    monkeypatch.setenv("BROWSER_PATH", str(CHROMIUM))


def test_as_json_it_is_plotlys(tmp_path):
    path = write_figure(made_evidence(), "robustness", "json", tmp_path / "it.json")
    figure = json.loads(path.read_text())
    assert {"data", "layout", "frames"} <= set(figure)


@pytest.mark.usefixtures("drawing")
def test_as_png_it_is_sharp_and_drawn(tmp_path):
    path = write_figure(made_evidence(), "robustness", "png", tmp_path / "new" / "it.png")
    with Image.open(path) as picture:
        assert picture.width == SCALE * WIDTH
        colours = picture.convert("RGB").getcolors(maxcolors=1 << 24) or []
        assert {(0, 114, 178), (213, 94, 0), (0, 158, 115)} <= {colour for _, colour in colours}
    assert [file.name for file in path.parent.iterdir()] == ["it.png"]


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("name", ["measures", "improvement"])
def test_as_svg_its_words_are_text_inside_the_picture(tmp_path, name):
    path = write_figure(made_evidence(), name, "svg", tmp_path / "it.svg")
    root = ElementTree.parse(path).getroot()
    assert root.get("width") == str(WIDTH)
    words = " ".join("".join(text.itertext()) for text in root.iterfind(".//{*}text"))
    assert "Adam with" in words
    assert "(renderedpets)" in words.replace(" ", "")


def test_unknown_figures_and_formats_are_refused(tmp_path):
    results = made_evidence(untouched=15)
    with pytest.raises(UsageError, match=r"no figure 'pie'[\s\S]*robustness, measures"):
        write_figure(results, "pie", "json", tmp_path / "it.json")
    with pytest.raises(UsageError, match=r"no format 'gif'[\s\S]*png, svg, json"):
        write_figure(results, "robustness", "gif", tmp_path / "it.gif")


def test_without_kaleido_the_remedy_is_named(tmp_path):
    """In a process of its own, in which Kaleido cannot be imported."""
    asked = (
        "import sys; sys.modules['kaleido'] = None\n"
        "from pathlib import Path\n"
        "from figures.evidence import made_evidence\n"
        "from sweep.figures.export import write_figure\n"
        f"write_figure(made_evidence(), 'robustness', 'svg', Path({str(tmp_path / 'it.svg')!r}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert "MissingError: Kaleido is not installed: it draws figures as svg" in ended.stderr
    assert "hyperparameter-robustness[kaleido]" in ended.stderr


def test_without_a_browser_the_remedy_is_named(tmp_path, monkeypatch):
    pytest.importorskip("kaleido", reason="needs Kaleido")
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    with pytest.raises(MissingError, match="no browser to draw a figure as png") as raised:
        write_figure(made_evidence(), next(iter(FIGURES)), "png", tmp_path / "it.png")
    assert "BROWSER_PATH" in str(raised.value)
    assert not (tmp_path / "it.png").exists()
