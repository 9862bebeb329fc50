"""Lint: advice on a network that is right and might be better. It reads the graph and changes nothing.

A rule is one file in `rules/`, which declares a `RULE`; no other file names it. Whether a spec is right is for `check`.
"""
