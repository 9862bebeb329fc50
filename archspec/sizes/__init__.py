"""Sizes: which sizes of its inputs a network takes, and what comes out, as a rule that is proven and not sampled.

`explore` is where to start reading: it runs the ops' own shape rules with sizes that stand for all numbers at once.
No op is known here, no torch, and no command.
"""
