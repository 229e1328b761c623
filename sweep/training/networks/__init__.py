"""Trains networks end to end: Keras models with all their weights, alone or P trials at once."""
