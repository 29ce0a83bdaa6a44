"""Cells of CSV files that a spreadsheet will open: none of them runs as a formula.

Who writes escapes each cell, who reads takes the apostrophe off again (OWASP, “CSV
Injection”). Phones (+233…) and negative numbers begin like formulas, so they get the
apostrophe too: there is no rule of thumb by which a cell is safe.
"""

import re

# What a spreadsheet may begin a formula with, also full-width, also where spaces,
# quotes or signs that nobody sees stand before it.
_FORMULA = re.compile(
    r"(?:[\s'\"\u00ad\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|'*[\t\r\n])"
)


def escaped(text: str) -> str:
    """Make a cell harmless to spreadsheets; `unescaped` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
