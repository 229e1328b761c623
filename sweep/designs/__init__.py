"""Designs: which points a study trains. Pure functions of the study and of what is stored."""
