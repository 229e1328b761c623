"""What is trained, and on what: a head on frozen features."""
