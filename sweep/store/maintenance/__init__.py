"""Checking, repairing, exporting and importing a store."""
