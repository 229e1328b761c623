"""The report, one HTML page, and the note that optuna-dashboard shows."""
