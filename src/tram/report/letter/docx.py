"""The letter as .docx for people to edit and sign elsewhere; Times New Roman by name."""

import io
import zipfile
from datetime import UTC, datetime, time

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from tram.report.letter.content import (
    Block,
    Caption,
    Closing,
    Grid,
    Heading,
    Item,
    Letter,
    Point,
    Section,
)
from tram.report.letter.font import set_letter
from tram.report.letter.measures import MEASURES as M
from tram.report.letter.word_parts import (
    fix_widths,
    keep_numbers_whole,
    page_number_field,
    plain_styles,
    repeat_row,
    rule_below,
    set_borders,
    set_font,
    stay_whole,
)

__all__ = ("write_docx",)

# ZIP knows no time before 1980; a fixed one keeps the bytes the same.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o600 << 16
_TABLE_PADDING_MM = 1.9
_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def write_docx(letter: Letter) -> bytes:
    """Return the letter as a Word document; the same letter gives the same bytes.

    It says what the .pdf says: boxes stand for signs that the letter's font lacks.
    """
    letter = set_letter(letter)
    document = Document()
    plain_styles(document)
    _page(document)
    _properties(document, letter)
    _heading(document, letter.heading)
    for block in letter.body:
        _block(document, block)
    # The closing is never alone on a page: the last sentence comes with it.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    _closing(document, letter.closing)
    return _same_bytes(document)


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(M.page_width_mm), Mm(M.page_height_mm)
    section.top_margin, section.bottom_margin = Mm(M.margin_top_mm), Mm(M.margin_bottom_mm)
    section.left_margin, section.right_margin = Mm(M.margin_left_mm), Mm(M.margin_right_mm)
    section.header_distance = Mm(M.page_number_from_top_mm)
    section.footer_distance = Mm(M.page_number_from_top_mm)
    # The first page's own header is empty: the number shows from page 2.
    section.different_first_page_header_footer = True
    _ = section.first_page_header.paragraphs
    number = section.header.paragraphs[0]
    number.alignment = _CENTRE
    page_number_field(number, M.page_number_pt)


def _properties(document: WordDocument, letter: Letter) -> None:
    """Say nothing about the machine or the moment: the date is the letter's own."""
    moment = datetime.combine(letter.as_of, time(), UTC)
    properties = document.core_properties
    properties.title = letter.title
    properties.author = letter.heading.agency
    properties.last_modified_by = letter.heading.agency
    properties.comments = ""
    properties.language = "vi-VN"
    properties.revision = 1
    properties.created = moment
    properties.modified = moment


def _heading(document: WordDocument, heading: Heading) -> None:
    """Boxes 1 to 5b in a table without lines, then 9a."""
    widths = [M.heading_left_mm, M.heading_right_mm]
    table = _bare_table(document, 3, widths)
    office, country = table.rows[0].cells
    _line(office, heading.agency_above.upper(), M.agency_pt, first=True)
    _line(office, heading.agency.upper(), M.agency_pt, bold=True)
    rule_below(office.add_paragraph(), M.agency_rule_mm, M.heading_left_mm)
    _line(country, heading.country.upper(), M.country_pt, bold=True, first=True)
    _line(country, heading.motto, M.motto_pt, bold=True)
    rule_below(country.add_paragraph(), M.motto_rule_mm, M.heading_right_mm)
    number, place = table.rows[1].cells
    for cell in (number, place):
        cell.paragraphs[0].paragraph_format.space_before = Pt(M.subject_gap_pt)
    _line(number, heading.number, M.number_pt, first=True)
    _line(place, heading.place_and_date, M.number_pt, italic=True, first=True)
    subject = table.rows[2].cells[0]
    _line(subject, heading.subject, M.subject_pt, first=True)
    layout = subject.paragraphs[0].paragraph_format
    layout.space_before = Pt(M.subject_gap_pt)
    layout.left_indent = layout.right_indent = Mm(2)
    addressee = document.add_paragraph()
    addressee.alignment = _CENTRE
    addressee.paragraph_format.space_before = Pt(M.body_pt)
    addressee.paragraph_format.space_after = Pt(8)
    set_font(addressee.add_run(heading.addressee), M.body_pt)


def _block(document: WordDocument, block: Block) -> None:
    if isinstance(block, Grid):
        _grid(document, block)
    elif isinstance(block, Caption):
        _caption(document, block)
    else:
        is_title = isinstance(block, Section | Point)
        text = f"- {block.text}" if isinstance(block, Item) else block.text
        paragraph = document.add_paragraph()
        _flow(paragraph)
        paragraph.paragraph_format.keep_with_next = is_title
        set_font(paragraph.add_run(text), M.body_pt, bold=is_title)
        keep_numbers_whole(paragraph)


def _flow(paragraph: WordParagraph) -> None:
    """Lay out a paragraph of the body (box 6)."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    layout = paragraph.paragraph_format
    layout.first_line_indent = Mm(M.indent_mm)
    layout.space_before = Pt(0)
    layout.space_after = Pt(M.paragraph_gap_pt)
    layout.line_spacing = M.line_multiple
    layout.widow_control = True


def _caption(document: WordDocument, caption: Caption) -> None:
    lines = [(caption.text, M.body_pt, True), (caption.as_of, M.table_pt, False)]
    for text, size_pt, is_title in lines:
        if text:
            paragraph = document.add_paragraph()
            paragraph.alignment = _CENTRE
            layout = paragraph.paragraph_format
            layout.keep_with_next = True
            layout.space_after = Pt(0 if is_title and caption.as_of else M.paragraph_gap_pt)
            set_font(paragraph.add_run(text), size_pt, bold=is_title, italic=not is_title)


def _grid(document: WordDocument, grid: Grid) -> None:
    """Write a table with lines; its head repeats, no row is torn."""
    total = [grid.total] if grid.total else []
    table = document.add_table(len(grid.head) + len(grid.rows) + len(total), len(grid.columns))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    set_borders(table, "single")
    fix_widths(table, [column.width_mm for column in grid.columns], _TABLE_PADDING_MM)
    _head(table, grid)
    for number, texts in enumerate([*grid.rows, *total], start=len(grid.head)):
        is_total = number >= len(grid.head) + len(grid.rows)
        for column, cell, text in zip(grid.columns, table.rows[number].cells, texts, strict=True):
            _table_cell(cell, text, _SIDES[column.align], bold=is_total)
    for row in table.rows:
        stay_whole(row)
    if len(grid.rows) <= M.whole_rows:
        for row in list(table.rows)[:-1]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    after = document.add_paragraph()
    after.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    after.paragraph_format.line_spacing = Pt(M.paragraph_gap_pt)
    after.paragraph_format.space_after = Pt(0)


def _head(table: Table, grid: Grid) -> None:
    taken: set[tuple[int, int]] = set()
    for y, cells in enumerate(grid.head):
        x = 0
        for cell in cells:
            while (y, x) in taken:
                x += 1
            last_y, last_x = y + cell.rows - 1, x + cell.columns - 1
            taken |= {(j, i) for j in range(y, last_y + 1) for i in range(x, last_x + 1)}
            merged = table.cell(y, x).merge(table.cell(last_y, last_x))
            _table_cell(merged, cell.text, _CENTRE, bold=True)
            x = last_x + 1
        repeat_row(table.rows[y])


def _table_cell(cell: _Cell, text: str, side: WD_ALIGN_PARAGRAPH, *, bold: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.alignment = side
    paragraph.paragraph_format.space_before = Pt(2)
    paragraph.paragraph_format.space_after = Pt(2)
    set_font(paragraph.add_run(text), M.table_pt, bold=bold)


def _closing(document: WordDocument, closing: Closing) -> None:
    """Boxes 9b and 7a side by side; signature, seal and name stay empty."""
    gap = document.add_paragraph()
    gap.paragraph_format.space_after = Pt(0)
    gap.paragraph_format.keep_with_next = True
    gap.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    gap.paragraph_format.line_spacing = Pt(M.paragraph_gap_pt)
    table = _bare_table(document, 1, [M.closing_left_mm, M.closing_right_mm])
    stay_whole(table.rows[0])
    left, right = table.rows[0].cells
    title = left.paragraphs[0]
    set_font(
        title.add_run(closing.recipients_title), M.recipients_title_pt, bold=True, italic=True
    )
    for recipient in closing.recipients:
        set_font(left.add_paragraph().add_run(f"- {recipient}"), M.recipients_pt)
    for number, line in enumerate(closing.signer):
        _line(right, line.upper(), M.body_pt, bold=True, first=number == 0)
    room = right.add_paragraph()
    room.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    room.paragraph_format.line_spacing = Mm(M.signature_gap_mm)


def _bare_table(document: WordDocument, rows: int, widths_mm: list[float]) -> Table:
    table: Table = document.add_table(rows, len(widths_mm))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    set_borders(table, "none")
    fix_widths(table, widths_mm, 0)
    return table


def _line(  # noqa: PLR0913  # one line of a heading has these looks
    cell: _Cell,
    text: str,
    size_pt: float,
    *,
    bold: bool = False,
    italic: bool = False,
    first: bool = False,
) -> None:
    """Add a centred line to a cell; ``first`` fills the paragraph that every cell begins with."""
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    paragraph.alignment = _CENTRE
    set_font(paragraph.add_run(text), size_pt, bold=bold, italic=italic)


def _same_bytes(document: WordDocument) -> bytes:
    """Save, then pack again without the moment and the order of the machine."""
    written = io.BytesIO()
    document.save(written)
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(written) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _FILE_MODE
            target.writestr(entry, source.read(name))
    return packed.getvalue()
