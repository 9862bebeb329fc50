r"""LaTeX text: what stands for each character in the encodings T1 and TS1, in ASCII alone, so that any engine reads it.

Letters with accents are written as LaTeX accents, Greek and mathematics as mathematics. What is left (Cyrillic, East
Asia) goes to a macro, `\archspecchar{code}`.
"""

import unicodedata
from collections.abc import Iterator

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\`{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_SYMBOLS = {
    "\N{NO-BREAK SPACE}": "~",
    "¡": r"\textexclamdown{}",
    "¢": r"\textcent{}",
    "£": r"\textsterling{}",
    "¤": r"\textcurrency{}",
    "¥": r"\textyen{}",
    "¦": r"\textbrokenbar{}",
    "§": r"\textsection{}",
    "¨": r"\textasciidieresis{}",
    "©": r"\textcopyright{}",
    "ª": r"\textordfeminine{}",
    "«": r"\guillemotleft{}",
    "¬": r"\textlnot{}",
    "®": r"\textregistered{}",
    "¯": r"\textasciimacron{}",
    "°": r"\textdegree{}",
    "±": r"\textpm{}",
    "²": r"\texttwosuperior{}",
    "³": r"\textthreesuperior{}",
    "\N{ACUTE ACCENT}": r"\textasciiacute{}",
    "µ": r"\textmu{}",
    "¶": r"\textparagraph{}",
    "·": r"\textperiodcentered{}",
    "¹": r"\textonesuperior{}",
    "º": r"\textordmasculine{}",
    "»": r"\guillemotright{}",
    "¼": r"\textonequarter{}",
    "½": r"\textonehalf{}",
    "¾": r"\textthreequarters{}",
    "¿": r"\textquestiondown{}",
    "×": r"\texttimes{}",
    "÷": r"\textdiv{}",
    "Æ": r"\AE{}",
    "æ": r"\ae{}",
    "Ð": r"\DH{}",
    "ð": r"\dh{}",
    "Ø": r"\O{}",
    "ø": r"\o{}",
    "Þ": r"\TH{}",
    "þ": r"\th{}",
    "ß": r"\ss{}",
    "Đ": r"\DJ{}",
    "đ": r"\dj{}",
    "\N{LATIN SMALL LETTER DOTLESS I}": r"\i{}",
    "Ł": r"\L{}",
    "ł": r"\l{}",
    "Œ": r"\OE{}",
    "œ": r"\oe{}",
    "ƒ": r"\textflorin{}",
    "\N{EN DASH}": r"\textendash{}",
    "\N{EM DASH}": r"\textemdash{}",
    "\N{LEFT SINGLE QUOTATION MARK}": r"\textquoteleft{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": r"\textquoteright{}",
    "\N{SINGLE LOW-9 QUOTATION MARK}": r"\quotesinglbase{}",
    "\N{LEFT DOUBLE QUOTATION MARK}": r"\textquotedblleft{}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": r"\textquotedblright{}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": r"\quotedblbase{}",
    "†": r"\textdagger{}",
    "‡": r"\textdaggerdbl{}",
    "•": r"\textbullet{}",
    "…": r"\textellipsis{}",
    "‰": r"\textperthousand{}",
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": r"\guilsinglleft{}",
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}": r"\guilsinglright{}",
    "€": r"\texteuro{}",
    "™": r"\texttrademark{}",
}
_GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "omicron", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
)
_OWN_CAPITALS = {"gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega"}
_LATIN_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))  # noqa: RUF001  Greek, as it looks
_MATHEMATICS = {
    "←": "leftarrow",
    "→": "rightarrow",
    "↑": "uparrow",
    "↓": "downarrow",
    "↔": "leftrightarrow",
    "⇒": "Rightarrow",
    "∀": "forall",
    "∂": "partial",
    "∇": "nabla",
    "∈": "in",
    "∏": "prod",
    "∑": "sum",
    "∘": "circ",
    "√": "surd",
    "∞": "infty",
    "∫": "int",
    "≈": "approx",
    "≠": "neq",
    "≤": "leq",
    "≥": "geq",
    "⊕": "oplus",
    "⊗": "otimes",
    "⊙": "odot",
    "⋅": "cdot",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0328": "k",
}
_LIGATURES = {"--", ",,"}  # of T1, that would change what is written


def latex(text: str) -> str:
    """`text` as LaTeX source, spaces kept."""
    written = "".join(_pieces(unicodedata.normalize("NFC", text)))
    stripped = written.strip(" ")
    start = len(written) - len(written.lstrip(" "))
    return "\\ " * start + stripped + "\\ " * (len(written) - len(stripped) - start)


def _pieces(text: str) -> Iterator[str]:
    before = ""
    for character in text:
        if before + character in _LIGATURES:
            yield "{}"
        yield "\\ " if before == character == " " else _written(character)
        before = character


def _written(character: str) -> str:
    if known := _SPECIAL.get(character) or _SYMBOLS.get(character):
        return known
    if " " <= character <= "~":
        return character
    spelled = unicodedata.normalize("NFD", character)
    base, marks = spelled[0], spelled[1:]
    if mathematics := _mathematics(base):
        return mathematics
    if marks and base.isascii() and all(mark in _ACCENTS for mark in marks):
        written = base
        for mark in sorted(marks, key="\u0323\u0327\u0328".find):  # marks below go round those above
            written = f"\\{_ACCENTS[mark]}{{{written}}}"
        return written
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return ""
    return rf"\archspecchar{{{ord(character)}}}"


def _mathematics(character: str) -> str:
    """Greek and signs as mathematics, "" for other characters. Greek goes without its accents."""
    if character == "\N{MINUS SIGN}":
        return r"\ensuremath{-}"
    if name := _MATHEMATICS.get(character):
        return rf"\ensuremath{{\{name}}}"
    if latin := _LATIN_CAPITALS.get(character):
        return latin
    if "α" <= character <= "ω":  # noqa: RUF001  Greek
        name = _GREEK[ord(character) - ord("α")]  # noqa: RUF001  Greek
        return "o" if name == "omicron" else rf"\ensuremath{{\{name}}}"
    lower = character.lower()
    if "α" <= lower <= "ω" and _GREEK[ord(lower) - ord("α")] in _OWN_CAPITALS:  # noqa: RUF001  Greek
        return rf"\ensuremath{{\{_GREEK[ord(lower) - ord('α')].capitalize()}}}"  # noqa: RUF001  Greek
    return ""
