"""Code: a network as classes, and the PyTorch source printed from them.

`build` makes the Program, `pytorch` prints it. torch itself is never imported here.
"""
