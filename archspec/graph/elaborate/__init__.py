"""Elaborate: Spec + values of params + input shapes -> Graph and shapes. `expand` is where to start reading."""
