"""What the report says of imported results: where they come from, and what is unknown."""

from collections.abc import Iterator

from sweep.analysis.wording import listed, percent
from sweep.results.provenance import ImportedFile
from sweep.results.records import FIGURES
from sweep.results.results import Results
from sweep.study.tasks import Imported

_WORDS = {
    "train_loss": "training loss",
    "train_accuracy": "training accuracy",
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
    yield (
        "Accuracy where nothing is learned",
        percent(known.guessing) if known.guessing else "unknown",
    )
    yield "Unknown", f"{listed(unknown(known))}."


def _file(file: ImportedFile) -> str:
    return f"{file.name}, {file.rows:,} rows (hash {file.content_hash})"


def unknown(known: Imported) -> list[str]:
    """What is not known of imported results, in words."""
    said = [_WORDS[name] for name in FIGURES if name not in known.figures]
    if not known.has_epochs:
        said.append("the course of the trainings")
    return [
        *("pictures", "model", "settings of the optimizers", "number of validation examples"),
        *said,
        *("memory", "versions", "machine"),
    ]
