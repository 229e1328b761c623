"""What the report says of imported results: where they come from, and what is unknown."""

from collections.abc import Iterator

from sweep.analysis.metric_words import MetricWords
from sweep.analysis.wording import capitalised, listed
from sweep.results.provenance import ImportedFile
from sweep.results.records import FIGURES
from sweep.results.results import Results
from sweep.study.metric import ACCURACY
from sweep.study.tasks import Imported

_WORDS = {
    "train_loss": "training loss",
    "valid_loss": "validation loss",
    "effective_learning_rate": "effective learning rate",
}


def terms(results: Results) -> Iterator[tuple[str, str]]:
    """Each import with its file, and what such a file cannot tell."""
    known = results.study.imported
    assert known is not None
    yield "Results", f"imported, not trained by sweep ({known.results})"
    for run in results.runs:
        file = run.provenance.file
        if file is not None:
            yield "Imported", f"{run.started_at:%Y-%m-%d %H:%M:%S %Z}: {_file(file)}"
            yield "Columns", "; ".join(f"{name}: {it}" for name, it in file.columns.items())
            if file.notes:
                yield "Of the file", " ".join(file.notes)
    metric, words = known.metric, MetricWords(known.metric)
    if metric != ACCURACY:
        unit = f", in {words.unit}" if words.unit else ""
        better = "more" if metric.more_is_better else "less"
        yield "Metric", f"{metric.name}{unit}; {better} is better"
    yield (
        f"{capitalised(metric.name)} where nothing is learned",
        "unknown" if known.guessing is None else words.level(metric.score(known.guessing)),
    )
    yield "Unknown", f"{listed(unknown(known))}."


def _file(file: ImportedFile) -> str:
    return f"{file.name}, {file.rows:,} rows (hash {file.content_hash})"


def unknown(known: Imported) -> list[str]:
    """What is not known of imported results, in words."""
    called = _WORDS | {"train_accuracy": f"training {known.metric.name}"}
    said = [called[name] for name in FIGURES if name not in known.figures]
    if not known.has_epochs:
        said.append("the course of the trainings")
    return [
        *("pictures", "model", "settings of the optimizers", "number of validation examples"),
        *said,
        *("memory", "versions", "machine"),
    ]
