"""Decimals: lengths as text, to hundredths of a point, which no printer can show."""


def decimal(value: float) -> str:
    """`value` to hundredths, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
