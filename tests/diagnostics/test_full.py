"""How a diagnostic looks in full. The first test is the example that the style page gives."""

from archspec.diagnostics.diagnostic import Diagnostic, Label, Source, Span
from archspec.diagnostics.full import render_full

RESNET = Source(
    "specs/resnet.yaml",
    "\n" * 12
    + "      shortcut: {op: conv2d, from: x, out_channels: $width, kernel_size: 1}\n"
    + "      sum: {op: add, from: [bn2, shortcut]}\n",
)
NET = Source("net.yaml", "one: 1\ntwo: 2\nthree: 3\nfour: 4\nfive:\n  six: 6\n")


def on(source: Source, line: int, column: int, length: int) -> Span:
    return Span(source, line, column, line, column + length)


def test_place_labels_notes_and_help() -> None:
    diagnostic = Diagnostic(
        "shape-mismatch",
        "add needs inputs of one shape",
        on(RESNET, 14, 28, 15),
        pointed="N x 32 x 16 x 16 and N x 32 x 32 x 32",
        labels=(Label(on(RESNET, 13, 7, 8), "N x 32 x 32 x 32"),),
        notes=("in layer2.0 (line 22), where width=32 and stride=2",),
        help="give shortcut the stride of conv1: stride: $stride",
    )
    assert render_full([diagnostic]) == (
        """\
error[shape-mismatch]: add needs inputs of one shape
  --> specs/resnet.yaml:14:28
   |
13 |       shortcut: {op: conv2d, from: x, out_channels: $width, kernel_size: 1}
   |       -------- N x 32 x 32 x 32
14 |       sum: {op: add, from: [bn2, shortcut]}
   |                            ^^^^^^^^^^^^^^^ N x 32 x 16 x 16 and N x 32 x 32 x 32
   = in layer2.0 (line 22), where width=32 and stride=2
help: give shortcut the stride of conv1: stride: $stride"""
    )


def test_one_line_between_is_shown_and_more_are_left_out() -> None:
    labels = (Label(on(NET, 1, 1, 3), "first"), Label(on(NET, 6, 3, 3), "last"))
    assert render_full([Diagnostic("cycle", "round", on(NET, 3, 1, 5), labels=labels)]) == (
        """\
error[cycle]: round
 --> net.yaml:3:1
  |
1 | one: 1
  | --- first
2 | two: 2
3 | three: 3
  | ^^^^^
...
6 |   six: 6
  |   --- last"""
    )


def test_two_marks_on_one_line_have_a_row_each() -> None:
    labels = (Label(on(NET, 1, 6, 1), "the value"),)
    assert render_full([Diagnostic("cycle", "round", on(NET, 1, 1, 3), "the key", labels)]) == (
        """\
error[cycle]: round
 --> net.yaml:1:1
  |
1 | one: 1
  | ^^^ the key
  |      - the value"""
    )


def test_place_of_several_lines_says_where_it_ends() -> None:
    assert render_full([Diagnostic("cycle", "round", Span(NET, 5, 1, 6, 9), "here")]) == (
        """\
error[cycle]: round
 --> net.yaml:5:1
  |
5 | five:
  | ^^^^^ to line 6: here"""
    )


def test_label_in_another_file_has_an_excerpt_of_its_own() -> None:
    other = Source("vgg.yaml", "name: VGG\n")
    labels = (Label(on(other, 1, 1, 4), "used here"),)
    assert render_full([Diagnostic("recursive-use", "round", on(NET, 2, 1, 3), labels=labels)]) == (
        """\
error[recursive-use]: round
 --> net.yaml:2:1
  |
2 | two: 2
  | ^^^
 ::: vgg.yaml:1:1
  |
1 | name: VGG
  | ---- used here"""
    )


def test_several_diagnostics_stand_apart() -> None:
    found = [
        Diagnostic("cycle", "round", on(NET, 1, 1, 3)),
        Diagnostic("unused-node", "unread", on(NET, 2, 1, 3), severity="warning"),
    ]
    assert render_full(found) == (
        """\
error[cycle]: round
 --> net.yaml:1:1
  |
1 | one: 1
  | ^^^

warning[unused-node]: unread
 --> net.yaml:2:1
  |
2 | two: 2
  | ^^^"""
    )


def test_tabs_and_wide_characters_keep_the_marks_in_line() -> None:
    source = Source("net.yaml", "\tname: \u7f51\u7edc e\u0301 x\n")
    found = [
        Diagnostic("bad-name", "wide", on(source, 1, 8, 2)),
        Diagnostic("bad-name", "after", on(source, 1, 14, 1)),
    ]
    assert render_full(found) == (
        """\
error[bad-name]: wide
 --> net.yaml:1:8
  |
1 |     name: \u7f51\u7edc e\u0301 x
  |           ^^^^

error[bad-name]: after
 --> net.yaml:1:14
  |
1 |     name: \u7f51\u7edc e\u0301 x
  |                  ^"""
    )


def test_long_line_is_shown_around_its_mark() -> None:
    source = Source("net.yaml", "a" * 500 + "NODE" + "b" * 500)
    rows = render_full([Diagnostic("bad-name", "long", on(source, 1, 501, 4))]).splitlines()
    assert rows[3] == f"1 | \u2026{'a' * 40}NODE{'b' * 116}\u2026"
    assert rows[4] == f"  | {' ' * 41}^^^^"


def test_place_behind_the_text_is_held_inside() -> None:
    source = Source("net.yaml", "a")
    assert render_full([Diagnostic("cycle", "round", Span(source, 7, 9, 7, 9))]) == (
        """\
error[cycle]: round
 --> net.yaml:1:2
  |
1 | a
  |  ^"""
    )


def test_text_of_a_spec_moves_no_cursor() -> None:
    source = Source("net.yaml", "a\x1b[2J\x07b")
    assert render_full([Diagnostic("bad-name", "\x1b[2J\r is no name", on(source, 1, 1, 1), help="one\ntwo")]) == (
        """\
error[bad-name]: \\x1b[2J\\r is no name
 --> net.yaml:1:1
  |
1 | a\ufffd[2J\ufffdb
  | ^
help: one
      two"""
    )


def test_colours_change_nothing_but_the_colours() -> None:
    diagnostic = Diagnostic("cycle", "round", on(NET, 1, 1, 3), "here", help="turn")
    assert render_full([diagnostic], color=True) == (
        "\x1b[1;31merror[cycle]\x1b[0m\x1b[1m: round\x1b[0m\n"
        "\x1b[1;34m -->\x1b[0m net.yaml:1:1\n"
        "\x1b[1;34m  |\x1b[0m\n"
        "\x1b[1;34m1 |\x1b[0m one: 1\n"
        "\x1b[1;34m  |\x1b[0m \x1b[1;31m^^^ here\x1b[0m\n"
        "\x1b[1;36mhelp:\x1b[0m turn"
    )
