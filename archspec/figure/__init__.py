"""Figure: from a network to a picture, in four steps that know only the one before.

`what/` decides what is said, `look/` has colours and type, `place/` gives everything its place, `write/` makes the
file. `diagram` has the values between the first two steps, `scene` those between the last two.
"""
