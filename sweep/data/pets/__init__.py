"""Rendered pets: the built-in pictures, which the program draws itself."""
