"""Expressions: what follows a `$`, from text to tree, from tree to value, and with sizes left as symbols."""
