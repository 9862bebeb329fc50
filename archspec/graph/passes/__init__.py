"""Passes: each takes a graph or a network and gives the next one, or what it found. `pipeline.py` has their order."""
