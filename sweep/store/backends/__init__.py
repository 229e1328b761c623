"""The kinds of databases that a store can be in, and their locks."""
