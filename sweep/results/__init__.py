"""What is stored of a study, as records, rows and frames."""

from sweep.results.results import Results

__all__ = ["Results"]
