"""One figure a file: arrays in, Plotly figure out."""
