"""Keras optimizers that Keras lacks, schedules, and what studies call them."""
