"""Memory: what training and inference need of it, by what autograd keeps of every op, and what recomputing would save.

What one op keeps stands in the op (`Op.saves`), what a forward pass needs at least in `graph/memory.py`. Nothing here
runs torch.
"""
