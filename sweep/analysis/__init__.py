"""Stored results as arrays, their measures with intervals, and the verdict in words. Pure."""
