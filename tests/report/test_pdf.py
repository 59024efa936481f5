"""The .pdf as a reader gets it: text, order, fonts, archive form, pages, bytes."""

import io
import re

import msgspec
import pytest
from pypdf import PdfReader

from tests.report.july import July
from tram.report.letter.content import Paragraph
from tram.report.letter.measures import MEASURES as M
from tram.report.letter.pdf import write_pdf

MM_PER_PT = 25.4 / 72
ORDER = [
    "UBND TỈNH QUẢNG NGÃI",
    "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "/SKHCN-BCVT&CĐS",
    "Quảng Ngãi, ngày … tháng … năm 2025",
    "V/v kết quả thực hiện nhiệm vụ",
    "Kính gửi: Cục Viễn thông – Bộ Khoa học và Công nghệ",
    "Thực hiện Công văn số 3228/CVT-TTĐLCL",
    "1. Công tác chỉ đạo",
    "2. Kết quả triển khai",
    "Bảng 1.",
    "Tổng cộng",
    "b) Hạ tầng IoT",
    "c) Đánh giá chung",
    "3. Tiến độ thực hiện",
    "4. Kiến nghị và đề xuất",
    "báo cáo./.",
    "Nơi nhận:",
    "Như trên;",
    "Lưu: VT, BCVT&CĐS.",
    "KT. GIÁM ĐỐC",
    "PHÓ GIÁM ĐỐC",
]


@pytest.fixture(scope="session")
def pdf(july: July) -> PdfReader:
    return PdfReader(io.BytesIO(july.files.pdf))


def text_of(pdf: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))


def test_boxes_stand_in_their_order(pdf: PdfReader) -> None:
    text = text_of(pdf)

    places = [text.find(said) for said in ORDER]
    assert -1 not in places, ORDER[places.index(-1)]
    assert places == sorted(places)


def test_table_reads_as_on_the_screen_with_the_total_ratio(pdf: PdfReader) -> None:
    text = text_of(pdf)

    assert "1 MobiFone 813 4 0,49" in text
    assert "2 VNPT 826 19 2,30" in text
    assert "3 Viettel 996 92 9,24" in text
    assert "Tổng cộng 2.635 115 4,36" in text


def test_only_the_bundled_fonts_are_used_and_embedded(pdf: PdfReader) -> None:
    names = set()
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()["/DescendantFonts"][0].get_object()
            names.add(described["/BaseFont"].split("+")[1])
            assert "/FontFile2" in described["/FontDescriptor"].get_object()

    assert names == {
        "LiberationSerif",
        "LiberationSerif-Bold",
        "LiberationSerif-Italic",
        "LiberationSerif-BoldItalic",
    }


def test_file_says_that_it_is_for_the_archive(july: July, pdf: PdfReader) -> None:
    xmp = pdf.xmp_metadata.stream.get_data().decode()

    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    assert pdf.metadata.title == july.letter.title
    assert pdf.metadata.author == "Sở Khoa học và Công nghệ"
    assert pdf.root_object["/Lang"].startswith("vi")


def test_pages_are_a4_and_numbered_from_the_second(pdf: PdfReader) -> None:
    firsts = [page.extract_text().split("\n", 1)[0].strip() for page in pdf.pages]

    assert len(pdf.pages) == 3
    assert firsts[1:] == ["2", "3"]
    assert firsts[0] != "1"
    for page in pdf.pages:
        assert float(page.mediabox.width) * MM_PER_PT == pytest.approx(M.page_width_mm, abs=0.1)
        assert float(page.mediabox.height) * MM_PER_PT == pytest.approx(M.page_height_mm, abs=0.1)


def test_text_stays_inside_the_margins_in_the_sizes_of_the_boxes(pdf: PdfReader) -> None:
    sizes: dict[str, float] = {}
    for number, page in enumerate(pdf.pages):

        def visit(text, place, _, __, size, page_number=number) -> None:
            if text.strip():
                sizes.setdefault(text.strip(), round(size))
                assert place[4] * MM_PER_PT >= M.margin_left_mm - 0.1, text
                if page_number == 0:
                    from_top = M.page_height_mm - place[5] * MM_PER_PT
                    assert M.margin_top_mm <= from_top <= M.page_height_mm - M.margin_bottom_mm

        page.extract_text(visitor_text=visit)

    joined = {start: size for start in BOX_SIZES for said, size in sizes.items() if start in said}
    assert joined == BOX_SIZES


BOX_SIZES = {
    "UBND TỈNH": 12,
    "SỞ KHOA HỌC": 12,
    "CỘNG HÒA": 12,
    "Độc lập": 13,
    "SKHCN-BCVT": 13,
    "Quảng Ngãi, ngày": 13,
    "V/v kết quả": 12,
    "Kính gửi": 14,
    "1. Công tác": 14,
    "Tổng cộng": 13,
    "Nơi nhận": 12,
    "Như trên": 11,
    "KT. GIÁM": 14,
}


def test_the_same_letter_gives_the_same_bytes(july: July) -> None:
    assert write_pdf(july.letter) == july.files.pdf


def test_what_people_type_is_text_and_never_markup(july: July) -> None:
    typed = '#panic("x") $a$ *đậm* _nghiêng_ \\ <nhãn> @nguồn "trích" // hết'
    body = [*july.letter.body[:-1], Paragraph(typed)]

    made = PdfReader(io.BytesIO(write_pdf(msgspec.structs.replace(july.letter, body=body))))

    assert typed in text_of(made)
