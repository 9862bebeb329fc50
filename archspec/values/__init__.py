"""Values: plain values that every stage shares, and their arithmetic.

Nothing here knows of specs, graphs or ops, and nothing here imports anything of ours.
"""
