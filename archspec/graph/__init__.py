"""Graph: the flat DAG of nodes, the tree of scopes, and the facts computed beside them.

`elaborate/` makes the graph from a Spec, `passes/` act on it. `walk` answers what every later stage asks; nobody walks
the graph on their own. Nothing here knows how a network is shown.
"""
