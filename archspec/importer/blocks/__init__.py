"""Blocks: all calls of one class become one block: what differs between them is a param or a condition."""
