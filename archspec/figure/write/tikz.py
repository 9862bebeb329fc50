r"""TikZ: one file that compiles by itself and can be read into a paper with \input, in ASCII alone.

Which of the two it is, LaTeX knows: \begin{document} lets \@nodocument be \relax. One unit is 1 bp, which is our point;
TeX's own is 1/72.27 inch. Each box of the network is a node, `(layer1-0)` for layer1/0, to which an
author's arrows may lead: what \archspecmore holds is drawn last, in the same picture. Text is in
Helvetica (phv, encoding T1) at its exact size, each line at its anchor on the baseline, so that TeX's kerning moves no
line. Colours, paints and macros are local to the picture.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from archspec.figure.look.theme import Paint
from archspec.figure.scene import Circle, Curve, Mark, Point, Polygon, Rectangle, Scene, Shape, Text
from archspec.figure.write.format import Format, OfScene
from archspec.figure.write.text.decimals import decimal
from archspec.figure.write.text.latex import latex

_HEADER = r"""% Needs tikz, which loads xcolor, and the font Helvetica (psnfss).
%   alone      pdflatex FILE                     one page as large as the picture
%   in a paper \input{FILE}                      after \usepackage{tikz}
%              \resizebox{\columnwidth}{!}{\input{FILE}}   narrower; type shrinks too, so prefer a narrower --width
% With babel, add \usetikzlibrary{babel}: some languages make ; and : active.
% XeLaTeX and LuaLaTeX set characters outside of Latin and Greek in \archspecother, if it is defined, else in the
% document's font; pdfLaTeX shows a box.
"""

_ALONE = r"""\expandafter\ifx\csname @nodocument\endcsname\relax
\def\archspecend{}%
\else
\documentclass{article}
\usepackage[paperwidth=WIDTHbp,paperheight=HEIGHTbp,margin=0bp]{geometry}
\usepackage{textcomp}
\usepackage{tikz}
\pagestyle{empty}
\hfuzz=1bp \vfuzz=1bp \parindent=0pt
\def\archspecend{\end{document}}%
\begin{document}%
\fi
"""

# \archspectext{x,y}{anchor and turn}{series}{size}{colour}{text}
_MACROS = r"""\def\archspectext#1#2#3#4#5#6{\node[inner sep=0pt,outer sep=0pt,text=#5,#2,font=\fontencoding{T1}%
  \fontfamily{phv}\fontseries{#3}\fontshape{n}\fontsize{#4bp}{#4bp}\selectfont] at (#1) {#6};}%
\def\archspecchar#1{\ifdefined\Uchar{\ifdefined\archspecother\archspecother\else\normalfont\fi\char#1}\else
  \fboxsep=0pt\fbox{\rule{0pt}{1.4ex}\rule{.6em}{0pt}}\fi}%
"""

_ANCHORS = {"start": "anchor=base west", "middle": "anchor=base", "end": "anchor=base east"}
_CONTROLS = dict.fromkeys((*range(32), 127, 0x85, 0x2028, 0x2029), " ")


def tikz(scene: Scene) -> str:
    """`scene` as a LaTeX file."""
    return "".join(f"{line}\n" for line in _Picture(scene).lines())


class _Picture:
    """Writes a scene. Colours and paints are numbered in the order they are first used."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        shapes = [shape for mark in scene.marks for shape in mark.shapes]
        used = dict.fromkeys(shape.paint for shape in shapes if not isinstance(shape, Text))
        self.paints = {paint: f"archspecp{number}" for number, paint in enumerate(used, 1)}
        inks = (shape.color for shape in shapes if isinstance(shape, Text))
        painted = chain.from_iterable((paint.fill, paint.stroke) for paint in used)
        colors = dict.fromkeys(color for color in (scene.theme.background, *painted, *inks) if color != "none")
        self.colors = {color: f"archspec{number}" for number, color in enumerate(colors, 1)}

    def lines(self) -> Iterator[str]:
        """The file."""
        scene = self.scene
        width, height = decimal(scene.width), decimal(scene.height)
        yield f"% {_comment(scene.title)}"
        yield from _HEADER.splitlines()
        yield "%"
        yield from (f"% {_comment(line)}".rstrip() for line in scene.words.splitlines())
        yield from _ALONE.replace("WIDTH", width).replace("HEIGHT", height).splitlines()
        yield r"\begin{tikzpicture}[x=1bp,y=-1bp,line join=round]%"
        yield from (rf"\definecolor{{{name}}}{{HTML}}{{{color[1:].upper()}}}%" for color, name in self.colors.items())
        yield from (rf"\tikzset{{{name}/.style={{{self.style(paint)}}}}}%" for paint, name in self.paints.items())
        yield from _MACROS.splitlines()
        yield rf"\path[use as bounding box] (0,0) rectangle ({width},{height});"
        if scene.theme.background != "#ffffff":
            yield rf"\fill[{self.colors[scene.theme.background]}] (0,0) rectangle ({width},{height});"
        for mark in scene.marks:
            yield from self.mark(mark)
        yield from _nodes(scene.marks)
        yield r"\ifdefined\archspecmore\archspecmore\fi"
        yield r"\end{tikzpicture}%"
        yield r"\archspecend"

    def style(self, paint: Paint) -> str:
        """The keys of a paint."""
        keys = []
        if paint.fill != "none":
            keys.append(f"fill={self.colors[paint.fill]}")
        if paint.stroke != "none":
            keys.append(f"draw={self.colors[paint.stroke]},line width={decimal(paint.width)}bp")
            if paint.dashed:
                keys.append("dash pattern=on 3bp off 2bp")
        return ",".join(keys)

    def mark(self, mark: Mark) -> Iterator[str]:
        """What belongs together, under a comment that says what it is."""
        source = f" ({mark.source})" if mark.source else ""
        yield f"% {_comment(f'{mark.kind} {mark.id}{source}')}".rstrip()
        for shape in mark.shapes:
            yield self.shape(shape)

    def shape(self, shape: Shape) -> str:
        """One shape as one command."""
        if isinstance(shape, Text):
            turned = ",rotate=90" if shape.turned else ""
            series, size = "b" if shape.bold else "m", decimal(shape.size)
            place, color = f"{decimal(shape.x)},{decimal(shape.y)}", self.colors[shape.color]
            look = f"{{{_ANCHORS[shape.anchor]}{turned}}}{{{series}}}{{{size}}}{{{color}}}"
            return rf"\archspectext{{{place}}}{look}{{{latex(shape.text)}}}"
        return rf"\path[{self.paints[shape.paint]}{_corners(shape)}] {_path(shape)};"


def _nodes(marks: Sequence[Mark]) -> Iterator[str]:
    """A node without a line for each box that has a path: letters, digits and hyphens; of two of one name the first.

    It is as large as the largest of its shapes, the front card of a stack.
    """
    named: set[str] = set()
    for mark in marks:
        name = "".join(each if each.isascii() and each.isalnum() else "-" for each in mark.path)
        spans = [shape.span for shape in mark.shapes if not isinstance(shape, Text | Curve)]
        if not name or name in named or not spans:
            continue
        named.add(name)
        left, top, right, bottom = max(reversed(spans), key=lambda span: (span[2] - span[0]) * (span[3] - span[1]))
        size = f"minimum width={decimal(right - left)}bp,minimum height={decimal(bottom - top)}bp"
        middle = _point(((left + right) / 2, (top + bottom) / 2))
        yield rf"\node[inner sep=0pt,outer sep=0pt,{size}] ({name}) at {middle} {{}};"


def _corners(shape: Shape) -> str:
    radius = min(shape.radius, shape.width / 2, shape.height / 2) if isinstance(shape, Rectangle) else 0
    return f",rounded corners={decimal(radius)}bp" if radius > 0 else ""


def _path(shape: Rectangle | Circle | Polygon | Curve) -> str:
    if isinstance(shape, Rectangle):
        return f"{_point((shape.x, shape.y))} rectangle {_point((shape.x + shape.width, shape.y + shape.height))}"
    if isinstance(shape, Circle):
        return f"{_point((shape.x, shape.y))} circle[radius={decimal(shape.radius)}bp]"
    if isinstance(shape, Polygon):
        return " -- ".join((*map(_point, shape.points), "cycle"))
    first, *rest = map(_point, shape.points)
    curves = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return first + "".join(f" .. controls {a} and {b} .. {c}" for a, b, c in curves)


def _point(point: Point) -> str:
    return f"({decimal(point[0])},{decimal(point[1])})"


def _comment(text: str) -> str:
    """`text` on one line, with escapes for what is not ASCII."""
    plain = text.translate(_CONTROLS).replace("×", "x").replace("·", ";").replace("\N{EN DASH}", "-")
    return plain.encode("ascii", "backslashreplace").decode()


FORMAT = Format(suffixes=(".tex", ".tikz"), made=OfScene(lambda scene: tikz(scene).encode("ascii")), rank=5)
