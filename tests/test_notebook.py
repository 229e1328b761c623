"""Results in a notebook: the README's example in a real kernel, and what shows itself there."""

import re
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from importing.made_tables import made_rows, write_csv
from nbclient import NotebookClient

import sweep
from sweep.store import open_store

README = Path(__file__).parents[1] / "README.md"


def example() -> str:
    """The README's example for notebooks."""
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return next(block for block in blocks if "results.figures" in block)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a store that has the study of the example."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEP_STORE", raising=False)
    path = write_csv(tmp_path / "made.csv", made_rows(epochs=2))
    sweep.import_results(path, name="lr-robustness", guessing=0.5, results="<b>made</b> results")
    return tmp_path


def test_the_readmes_example_in_a_real_kernel(folder):
    lines = [line for line in example().splitlines() if line]
    cells = ["\n".join(lines[:2]), "results", *lines[2:]]
    assert len(lines) == 5
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert outputs[0] == []
    results, measures, verdict, figure = [out[0]["data"] for out in outputs[1:]]
    assert "lr-robustness on &lt;b&gt;made&lt;/b&gt; results" in results["text/html"]
    assert "mean accuracy (%)" in measures["text/html"]
    assert "picked blindly between 0.001 and 0.1" in verdict["text/html"]
    assert "application/vnd.plotly.v1+json" in figure or "Plotly" in figure["text/html"]


def test_figures_by_name(folder):
    results = sweep.load_results("lr-robustness")
    assert "best_of_k" in dir(results.figures)
    assert len(results.figures.best_of_k.data) > 0
    with pytest.raises(AttributeError, match="there are robustness"):
        _ = results.figures.nonsense
    with closing(open_store(f"sqlite:///{folder / 'sweep.db'}")) as store:
        assert results.to_csv(epochs=True) == store.results("lr-robustness").to_csv(epochs=True)
