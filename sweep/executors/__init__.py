"""Where cohorts train; every executor yields the same stream of events."""
