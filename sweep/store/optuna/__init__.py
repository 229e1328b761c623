"""Optuna's study as a mirror of ours, in the same database."""
