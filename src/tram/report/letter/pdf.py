"""The letter as PDF/A-2b, set by Typst with the fonts that lie in this package."""

from pathlib import Path

import msgspec
import typst

from tram.report.letter.content import Letter
from tram.report.letter.font import FONTS, set_letter
from tram.report.letter.measures import MEASURES

__all__ = ("write_pdf",)

_TEMPLATE = Path(__file__).parent / "letter.typ"


def write_pdf(letter: Letter) -> bytes:
    """Return the letter as PDF/A-2b; the same letter gives the same bytes.

    The text goes in as data, never as markup; boxes stand for signs that the font lacks. No font of
    the machine is used, so that it looks the same everywhere.
    """
    content = msgspec.to_builtins(set_letter(letter))
    content["as_of_parts"] = [letter.as_of.year, letter.as_of.month, letter.as_of.day]
    return typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        format="pdf",
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]
        ),
        pdf_standards="a-2b",
        sys_inputs={
            "letter": msgspec.json.encode(content).decode(),
            "measures": msgspec.json.encode(MEASURES).decode(),
        },
    )
