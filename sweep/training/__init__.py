"""A cohort's training: all its trials at once."""
