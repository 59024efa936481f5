"""The .docx as Word reads it: boxes, margins, fonts, sizes, widths, bytes; and LibreOffice's opinion."""

import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pypdf import PdfReader

import tram.report
from tests.report.july import July
from tram.report.letter.docx import write_docx

FONTS = Path(tram.report.__file__).parent / "fonts"
CENTRE = WD_ALIGN_PARAGRAPH.CENTER


@pytest.fixture(scope="session")
def word(july: July):
    return docx.Document(io.BytesIO(july.files.docx))


def all_paragraphs(word) -> list:
    cells = [cell for table in word.tables for row in table.rows for cell in row.cells]
    return [*word.paragraphs, *(p for cell in cells for p in cell.paragraphs)]


def looks(paragraph) -> tuple[float, bool, bool]:
    run = paragraph.runs[0]
    return run.font.size.pt, bool(run.font.bold), bool(run.font.italic)


def test_page_is_a4_with_the_margins_of_the_decree(word) -> None:
    section = word.sections[0]

    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert round(section.top_margin.mm) == round(section.bottom_margin.mm) == 20
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (30, 20)
    assert section.left_margin.twips == pytest.approx(1701, abs=2)
    assert section.top_margin.twips == pytest.approx(1134, abs=2)


def test_every_letter_is_set_in_times_new_roman(word) -> None:
    runs = [run for paragraph in all_paragraphs(word) for run in paragraph.runs]

    assert {run.font.name for run in runs} == {"Times New Roman"}
    styles = word.styles.element.xml
    assert "Calibri" not in styles
    assert "Theme" not in styles


def test_heading_boxes_have_their_text_size_and_style(word) -> None:
    (office, country), (number, place), (subject, _) = [row.cells for row in word.tables[0].rows]
    boxes = {
        "UBND TỈNH QUẢNG NGÃI": (office.paragraphs[0], (12, False, False)),
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ": (office.paragraphs[1], (12, True, False)),
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM": (country.paragraphs[0], (12, True, False)),
        "Độc lập - Tự do - Hạnh phúc": (country.paragraphs[1], (13, True, False)),
        "Số:        /SKHCN-BCVT&CĐS": (number.paragraphs[0], (13, False, False)),
        "Quảng Ngãi, ngày … tháng … năm 2025": (place.paragraphs[0], (13, False, True)),
    }

    for text, (paragraph, look) in boxes.items():
        assert paragraph.text == text
        assert looks(paragraph) == look
        assert paragraph.alignment == CENTRE
    assert subject.paragraphs[0].text.startswith("V/v kết quả thực hiện nhiệm vụ")
    assert looks(subject.paragraphs[0]) == (12, False, False)
    assert subject.paragraphs[0].paragraph_format.space_before == Pt(6)


def test_rules_below_office_and_motto_have_their_lengths(word) -> None:
    office, country = word.tables[0].rows[0].cells

    def length_mm(cell) -> float:
        rule = cell.paragraphs[2]
        assert rule._p.find(f".//{qn('w:pBdr')}/{qn('w:top')}").get(qn("w:val")) == "single"
        layout = rule.paragraph_format
        return (cell.width - layout.left_indent - layout.right_indent) / Mm(1)

    assert 64.5 / 3 <= length_mm(office) <= 64.5 / 2
    assert length_mm(country) == pytest.approx(56.06, abs=0.1)


def test_body_is_justified_indented_and_spaced(july: July, word) -> None:
    texts = {paragraph.text: paragraph for paragraph in word.paragraphs}
    opening = next(p for text, p in texts.items() if text.startswith("Thực hiện Công văn"))

    layout = opening.paragraph_format
    assert opening.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert layout.first_line_indent.twips == pytest.approx(720, abs=1)
    assert layout.space_after >= Pt(6)
    assert 1 <= layout.line_spacing <= 1.5
    assert looks(opening) == (14, False, False)
    assert looks(texts["1. Công tác chỉ đạo triển khai trên địa bàn tỉnh"]) == (14, True, False)
    addressee = texts["Kính gửi: Cục Viễn thông – Bộ Khoa học và Công nghệ"]
    assert (looks(addressee), addressee.alignment) == ((14, False, False), CENTRE)


def test_prose_is_the_letter_s_own_in_order(july: July, word) -> None:
    written = [p.text.removeprefix("- ") for p in word.paragraphs if p.text]

    assert written[1:] == [
        line
        for block in july.letter.body
        if hasattr(block, "text")
        for line in (block.text, getattr(block, "as_of", ""))
        if line
    ]


def test_station_table_repeats_its_head_and_keeps_its_widths(word) -> None:
    table = word.tables[1]

    assert [cell.text for cell in table.rows[0].cells] == [
        "STT",
        "Doanh nghiệp",
        "Số trạm BTS hiện có",
        "Số trạm BTS hiện có",
        "Tỷ lệ (%) 5G/4G",
    ]
    assert [cell.text for cell in table.rows[1].cells][2:4] == ["4G", "5G"]
    assert [cell.text for cell in table.rows[-1].cells] == [
        "",
        "Tổng cộng",
        "2.635",
        "115",
        "4,36",
    ]
    for row in table.rows[:2]:
        assert row._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [round(column.width.mm) for column in table.columns] == [14, 42, 32, 32, 36]
    assert not table.autofit
    sizes = {run.font.size.pt for cell in table._cells for p in cell.paragraphs for run in p.runs}
    assert sizes == {13}


def test_closing_boxes_are_level_and_the_signature_is_empty(word) -> None:
    left, right = word.tables[-1].rows[0].cells

    assert looks(left.paragraphs[0]) == (12, True, True)
    assert [p.text for p in left.paragraphs] == [
        "Nơi nhận:",
        "- Như trên;",
        "- SKH&CN: GĐ, các PGĐ;",
        "- Lưu: VT, BCVT&CĐS.",
    ]
    assert {looks(p) for p in left.paragraphs[1:]} == {(11, False, False)}
    assert [p.text for p in right.paragraphs] == ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", ""]
    assert {looks(p) for p in right.paragraphs[:2]} == {(14, True, False)}


def test_heading_and_closing_tables_have_no_lines_and_the_width_of_the_text(word) -> None:
    for table in (word.tables[0], word.tables[-1]):
        borders = table._tbl.tblPr.find(qn("w:tblBorders"))
        assert {line.get(qn("w:val")) for line in borders} == {"none"}
        assert sum(column.width.mm for column in table.columns) == pytest.approx(160, abs=0.5)


def test_page_number_is_centred_at_the_top_from_the_second_page(word) -> None:
    section = word.sections[0]

    number = section.header.paragraphs[0]
    assert section.different_first_page_header_footer
    assert "".join(p.text for p in section.first_page_header.paragraphs) == ""
    assert number.alignment == CENTRE
    assert " PAGE " in number._p.xml
    assert {run.font.size.pt for run in number.runs} == {13}


def test_document_numbers_are_never_broken_between_lines(word) -> None:
    xml = word.element.body.xml

    assert xml.count("noBreakHyphen") >= 8
    assert any("359-KH/TU" in paragraph.text for paragraph in word.paragraphs)


def test_the_same_letter_gives_the_same_bytes_and_tells_no_machine(july: July) -> None:
    assert write_docx(july.letter) == july.files.docx
    with zipfile.ZipFile(io.BytesIO(july.files.docx)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = packed.read("docProps/core.xml").decode()
    assert "python-docx" not in core
    assert "2025-07-30T00:00:00Z" in core


def test_libreoffice_opens_it_and_shows_the_same_letter(july: July, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        return  # an opinion from outside where there is one; the boxes above do not need it
    (tmp_path / "letter.docx").write_bytes(july.files.docx)
    # The metrics of Times New Roman, whatever fonts this machine has.
    (tmp_path / ".fonts").symlink_to(FONTS, target_is_directory=True)
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "letter.docx"],
        check=True, capture_output=True, timeout=100, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip

    shown = PdfReader(tmp_path / "letter.pdf")
    text = " ".join(" ".join(page.extract_text().split()) for page in shown.pages)
    assert "Tổng cộng 2.635 115 4,36" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert len(shown.pages) == 3
