"""Compare: what two networks have in common and what changed. `difference` is where to start reading.

Nothing here says how a change looks: tables/ and figure/ do.
"""
