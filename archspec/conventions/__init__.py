"""Conventions: how other tools count. A module here that declares a `CONVENTION` is one; `known.py` finds it.

A tool has a rule for each class of torch, and so has its convention: what it says of `nn.Conv2d` holds for every op
whose module that is. A class without a rule counts nothing, as it does in the tool.
"""
