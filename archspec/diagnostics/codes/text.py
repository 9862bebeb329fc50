"""Codes of what is wrong before the text is a spec: files, bytes and YAML."""

from archspec.diagnostics.codes.code import declare

declare(
    "unreadable-file",
    "the file cannot be opened or read",
    """
    The path does not exist, is a directory, or may not be read. Paths are relative to the directory of the
    command; a name without a slash or suffix is looked up in the gallery (`archspec list`).
    """,
)
declare(
    "encoding",
    "the file is not UTF-8",
    """
    A spec is UTF-8 text; a byte order mark at its start is tolerated. Save the file again as UTF-8. The
    position is that of the first byte that does not fit.
    """,
)
declare(
    "too-large",
    "the file holds more than a spec can",
    """
    Files are read up to 32 MiB and three million values, far more than a network of 100,000 nodes needs. Use
    `repeat` and blocks in place of copies.
    """,
)
declare(
    "too-deep",
    "values are nested too deeply",
    """
    Lists and mappings nest up to 100 levels, aliases included. Name the inner parts as blocks.
    """,
    "doc: " + "[" * 101 + "]" * 101,
    "doc: a small net",
)
declare(
    "too-many-aliases",
    "aliases expand to too many values",
    """
    Each YAML alias stands for a copy of what its anchor names, and copies of copies grow without bound. A spec
    may gain 100,000 values by aliases. Use blocks with params for what is common.
    """,
)
declare(
    "yaml-syntax",
    "the text is not YAML",
    """
    The text breaks a rule of YAML 1.2, so nothing after that place can be read. Frequent causes: a tab in the
    indentation, a missing space after a colon, a bracket or quote that is not closed, and an expression with a
    comma or bracket inside `{ }` or `[ ]`, which needs quotes there.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: $(min(8, 16)), kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: "$(min(8, 16))", kernel_size: 3}
    """,
)
declare(
    "duplicate-key",
    "a mapping has the same key twice",
    """
    The second value would hide the first. Rename one of the two, or leave one out.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv1: {op: conv2d, out_channels: 8, kernel_size: 3}
      conv2: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "complex-key",
    "a key is a list or a mapping",
    """
    Keys of a spec are names. YAML allows any value as a key; where one appears it is mostly a value in the
    wrong place.
    """,
    """
    graph:
      ? [conv1, conv2]
      : {op: relu}
    """,
    """
    graph:
      relu: {op: relu}
    """,
)
declare(
    "merge-key",
    "`<<` is used to merge mappings",
    """
    Merge keys belong to YAML 1.1 and are not part of YAML 1.2. Write the keys out, or make a block whose params
    are what differs.
    """,
    """
    graph:
      conv1: &conv {op: conv2d, out_channels: 8, kernel_size: 3}
      conv2: {<<: *conv, padding: 1}
    """,
    """
    graph:
      conv1: {op: conv2d, out_channels: 8, kernel_size: 3}
      conv2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
    """,
)
declare(
    "unknown-tag",
    "a value has a YAML tag",
    """
    Tags such as `!!python/object` ask a YAML reader to build objects; a spec holds plain values. The core tags
    `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` and `!!map` are read. Put a text that starts with
    `!` in quotes.
    """,
    "doc: !net a small net",
    "doc: a small net",
)
declare(
    "unknown-anchor",
    "an alias names no anchor",
    """
    `*name` stands for the value marked `&name` before it, and not for a value that it is part of. Put a text
    that starts with `*` in quotes.
    """,
    "doc: *net",
    'doc: "*net"',
)
declare(
    "number-too-large",
    "an integer does not fit in 64 bits",
    """
    Integers of a spec lie from -2**63 to 2**63 - 1. Write a larger number as a float: `1.0e30`.
    """,
    "params: {classes: 99999999999999999999}",
    "params: {classes: 1000}",
)
declare(
    "several-documents",
    "a file holds more than one YAML document",
    """
    `---` on a line of its own starts a new YAML document. A file holds one spec; put the other into a file of
    its own, and read it with `use` where it is a part of this one.
    """,
    """
    graph:
      relu: {op: relu}
    ---
    name: Second
    """,
    """
    graph:
      relu: {op: relu}
    """,
)
declare(
    "empty-document",
    "the file holds no spec",
    """
    The file is empty or holds comments only. `archspec init` writes a spec to start from.
    """,
)
