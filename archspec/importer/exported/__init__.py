"""Exported programs, `module.pt2`: the modules that were exported stand again, each with its own calls.

- calls.py: an operator of aten -> the function that people call
- layers.py: a module of torch.nn -> itself again, from the one operator that is left of it
- parts.py: every other module, which runs its graph
"""
