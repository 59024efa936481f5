"""Small parts of a Word document that python-docx has no words for."""

import re
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

__all__ = (
    "FONT",
    "fix_widths",
    "keep_numbers_whole",
    "page_number_field",
    "plain_styles",
    "repeat_row",
    "rule_below",
    "set_borders",
    "set_font",
    "stay_whole",
)

FONT = "Times New Roman"
_LANGUAGE = "vi-VN"
_KEPT_STYLES = frozenset({"Normal", "Default Paragraph Font", "Normal Table", "No List"})
# A hyphen of a symbol such as 912/QĐ-BKHCN or 359-KH/TU: after a number or a capital, before one.
_NUMBER_HYPHEN = re.compile(r"(?<=[\dA-ZĐƯ])-(?=[A-ZĐƯ])")
_RULE_EIGHTHS_PT = 6
_TWIPS_PER_MM = 56.6929


def set_font(run: Run, size_pt: float, *, bold: bool = False, italic: bool = False) -> None:
    """Set a run in the letter's font, also for the scripts that Word keeps apart."""
    run.font.size = Pt(size_pt)
    run.font.name = FONT
    run.font.bold = bold
    run.font.italic = italic
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()  # noqa: SLF001  # python-docx knows ascii only
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)


def keep_numbers_whole(paragraph: Paragraph) -> None:
    """Never break a line inside a document's number: its hyphens become non-breaking ones.

    They read, copy and search as hyphens.
    """
    for text in paragraph._p.iter(qn("w:t")):  # noqa: SLF001  # such hyphens have no interface
        pieces = re.split(_NUMBER_HYPHEN, text.text or "")
        text.text = pieces[0]
        last = text
        for piece in pieces[1:]:
            hyphen = OxmlElement("w:noBreakHyphen")
            after = OxmlElement("w:t")
            after.text = piece
            after.set(qn("xml:space"), "preserve")
            last.addnext(hyphen)
            hyphen.addnext(after)
            last = after
        text.set(qn("xml:space"), "preserve")


def plain_styles(document: WordDocument) -> None:
    """Leave the base styles only, in the letter's font and language, and drop what is not ours."""
    styles = document.styles.element
    for style in list(styles.style_lst):
        name = style.find(qn("w:name"))
        if name is None or name.get(qn("w:val")) not in _KEPT_STYLES:
            styles.remove(style)
    for defaults in styles.findall(qn("w:docDefaults")):
        styles.remove(defaults)
    styles.insert(0, _defaults())
    normal = document.styles["Normal"]
    normal.font.name = FONT
    package = document.part.package
    for part in (package, document.part):
        for key, relation in list(part.rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] in {
                "thumbnail",
                "stylesWithEffects",
                "customXml",
                "numbering",
            }:
                del part.rels[key]


def _defaults() -> Any:  # noqa: ANN401  # an lxml element
    defaults = OxmlElement("w:docDefaults")
    run_default = OxmlElement("w:rPrDefault")
    run = OxmlElement("w:rPr")
    fonts = OxmlElement("w:rFonts")
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), _LANGUAGE)
    run.extend([fonts, language])
    run_default.append(run)
    defaults.extend([run_default, OxmlElement("w:pPrDefault")])
    return defaults


def rule_below(paragraph: Paragraph, length_mm: float, column_mm: float) -> None:
    """Make an empty paragraph a centred solid line of this length."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  # borders have no interface
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", _RULE_EIGHTHS_PT), ("space", 0)):
        top.set(qn(f"w:{name}"), str(value))
    top.set(qn("w:color"), "000000")
    borders.append(top)
    # Borders stand before the spacing in the schema's order.
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")
    side = Mm((column_mm - length_mm) / 2)
    layout = paragraph.paragraph_format
    layout.left_indent = side
    layout.right_indent = side
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = Pt(3)
    layout.space_before = Pt(1)


def set_borders(table: Table, kind: str) -> None:
    """Draw every line of a table, or none (``single`` or ``none``)."""
    properties = table._tbl.tblPr  # noqa: SLF001  # borders have no interface
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), kind)
        if kind != "none":
            line.set(qn("w:sz"), "4")
            line.set(qn("w:space"), "0")
            line.set(qn("w:color"), "000000")
        borders.append(line)
    properties.append(borders)


def fix_widths(table: Table, widths_mm: list[float], padding_mm: float) -> None:
    """Set every column and cell to a width that nothing may change, with padding at its sides."""
    table.autofit = False
    properties = table._tbl.tblPr  # noqa: SLF001  # likewise
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(padding_mm * _TWIPS_PER_MM)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    total = properties.find(qn("w:tblW"))
    if total is not None:
        total.set(qn("w:type"), "dxa")
        total.set(qn("w:w"), str(round(sum(widths_mm) * _TWIPS_PER_MM)))
    properties.append(margins)
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def repeat_row(row: _Row) -> None:
    """Print the row again at the top of each page that the table reaches."""
    _add_to_row(row, "w:tblHeader")


def stay_whole(row: _Row) -> None:
    """Never tear the row between two pages."""
    _add_to_row(row, "w:cantSplit")


def _add_to_row(row: _Row, name: str) -> None:
    element = OxmlElement(name)
    row._tr.get_or_add_trPr().append(element)  # noqa: SLF001  # likewise


def page_number_field(paragraph: Paragraph, size_pt: float) -> None:
    """Put the number of the page into a paragraph: begin, instruction, result, end."""
    for kind in ("begin", "instruction", "separate", "result", "end"):
        run = paragraph.add_run()
        set_font(run, size_pt)
        if kind == "result":
            run.text = "2"
        elif kind == "instruction":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = " PAGE "
            run._r.append(element)  # noqa: SLF001  # likewise
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
            run._r.append(element)  # noqa: SLF001  # likewise
