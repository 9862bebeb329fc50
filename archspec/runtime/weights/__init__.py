"""Weights: tensors that were trained elsewhere, by key, for a network that `compile` wrote.

read.py     a file -> its tensors by key
rename.py   what changed its name on the way
fit.py      what fits, and by key what does not
"""
