"""YAML: a text as a tree in which every value keeps its line and column. The YAML library is imported here only."""
