"""Search: what a network would be at other values of its params. `sweep` tries many of them, `solve` looks for one.

Nothing here reads a spec or counts by itself: both ask the pipeline, which counts a variant anew, or `counting.py`,
which does again what the pipeline was seen to do.
"""
