"""Language: from the text of a spec to a Spec, and to the values of its params.

`yaml/` reads text, `expression/` reads and evaluates what follows a `$`, `check/` says what is wrong whatever the
settings are. No graph is made here, and no shape is computed.
"""
