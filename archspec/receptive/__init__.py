"""Receptive: which part of the network's inputs each value is computed from, its stride and where it is centred.

What one op reads stands in the op (`Op.reach`); here it is followed through the graph.
"""
