"""Whatever the registers hold, the letter is written; what its font or its lines cannot hold is told."""

import io
import re
from datetime import date

import docx as word
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import insert

from tests.registry.world import World, refused
from tests.report.july import LETTER_DAY, July
from tests.rollout.conftest import Cast
from tram.report.checks.examination import examine
from tram.report.letter.compose import compose
from tram.report.letter.content import Block, Item, Letter, Paragraph
from tram.report.letter.docx import write_docx
from tram.report.letter.font import BOX, covered, set_text, unset_signs
from tram.report.letter.measures import MEASURES as M
from tram.report.letter.pdf import write_pdf
from tram.report.reports import BLOCKS_MAX, CHARACTERS_MAX, LetterService
from tram.rollout.directives.tables import documents

HOSTILE = (
    "①", "🙂", "中文", "\uffff", "\ufffe", "\x00", "\x01", "\x1b", "\u202eabc", "\u2066", "\u2028",
    "\ud800", "\ue000", "\U000e0041", "a\u200bb", "\ufeff", "e" + "\u0301" * 300, "\u0e33" * 50,
    "\u20dd" * 20, "مرحبا", "👩‍👩‍👧", "‱", "\u00ad", "\t", "\r\n", "\u2060",
)  # fmt: skip
MM_PER_PT = 25.4 / 72
W_EM = 1933 / 2048
"""How wide a W of the letter's font is."""


def with_blocks(letter: Letter, *blocks: Block) -> Letter:
    return msgspec.structs.replace(letter, body=[*letter.body[:-1], *blocks, letter.body[-1]])


def said_in(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def said_in_word(docx: bytes) -> str:
    return " ".join(word.Document(io.BytesIO(docx)).element.body.itertext())


def test_every_sign_that_the_font_files_have_is_set(july: July) -> None:
    """The archive form refuses a letter with one glyph missing: typst is the judge of the coverage."""
    signs = sorted(covered())

    made = write_pdf(with_blocks(july.letter, Paragraph(" ".join(signs))))

    assert len(signs) > 2_000
    assert set("ĐđẾếỰựỹ – … “” ½ Ω Ж □") <= covered()
    assert not set("①🙂中\u202e\x01\ue000") & covered()
    assert made.startswith(b"%PDF")


def test_a_letter_with_signs_that_no_font_has_is_written_all_the_same(july: July) -> None:
    grid = july.stations
    everything = "".join(HOSTILE)
    rows = [["1", f"Doanh nghiệp {everything}", *grid.rows[0][2:]], *grid.rows[1:]]
    body = [
        msgspec.structs.replace(grid, rows=rows) if block is grid else block
        for block in july.letter.body
    ]
    texts = [f"trước {typed} sau" for typed in HOSTILE]
    letter = with_blocks(
        msgspec.structs.replace(july.letter, body=body, title=f"V/v {everything}"),
        *map(Paragraph, texts),
        *map(Item, texts),
    )

    pdf, docx = write_pdf(letter), write_docx(letter)

    written = re.sub(r"\s+", " ", said_in_word(docx))
    for text in texts:
        assert re.sub(r"\s+", " ", set_text(text)) in written
    assert said_in(pdf).count("trước") >= 2 * len(HOSTILE)
    assert said_in(pdf).count("sau") >= 2 * len(HOSTILE)


@settings(max_examples=5)
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=60), max_size=5))
def test_any_text_becomes_a_letter(july: July, typed: list[str]) -> None:
    letter = with_blocks(july.letter, *map(Item, typed), *map(Paragraph, typed))

    assert write_pdf(letter).startswith(b"%PDF")
    assert said_in_word(write_docx(letter)).count("\x00") == 0


def test_what_the_font_lacks_is_a_box_and_what_nobody_sees_has_its_name() -> None:
    assert set_text("Trạm ①\u202e 🙂\x01") == f"Trạm {BOX}[U+202E] {BOX}[U+0001]"
    assert [(sign.place, sign.name) for sign in unset_signs("a①b①\u202e")] == [
        (2, "U+2460"),
        (5, "U+202E"),
    ]


@pytest.mark.parametrize(
    ("key", "place_vi", "place_en"),
    [("iot.intro", "Mục 2b", "Section 2b"), ("schedule.intro", "Mục 3", "Section 3")],
)
def test_a_check_names_place_and_sign_in_both_languages(
    july: July, key: str, place_vi: str, place_en: str
) -> None:
    sources = msgspec.structs.replace(july.sources, texts={key: "Có 3 bước: ① khảo sát."})

    found = {finding.code: finding for finding in examine(compose(sources), sources)}["C37"]

    assert not found.holds
    assert found.sentence_vi == f"{place_vi}: U+2460 (“Có 3 bước: {BOX} khảo sát.”)."
    assert found.sentence_en.startswith(f"{place_en}: U+2460 (")
    assert july.findings["C37"].holds


def test_a_check_names_no_more_than_ten_places_and_nobody_at_the_end(july: July) -> None:
    texts = {"closing.contact": "Liên hệ: ông ① A, 0900 000 000."}
    sources = msgspec.structs.replace(july.sources, texts=texts)
    letter = with_blocks(compose(sources), *[Paragraph("①")] * 30)

    found = {finding.code: finding for finding in examine(letter, sources)}["C37"]

    assert "và 21 chỗ khác" in found.sentence_vi
    assert "0900" not in found.sentence_vi + found.sentence_en


async def test_who_writes_a_text_is_told_the_sign_its_place_and_the_remedy(
    reports: LetterService, cast: Cast
) -> None:
    for typed in ("①", "xong 🙂", "中文", "\u202e", "e" + "\u0301" * 9, "\uffff", "①" * 100_000):
        with refused("block.wrong") as told:
            await reports.write_block(cast.officer, LETTER_DAY, "iot.intro", f"Đã {typed}")

        fault = told.value.faults[0]
        assert fault.field == "text"
        if len(typed) < 100:
            assert re.match(r"Holds U\+[0-9A-F]{4,6} at place \d+, which ", fault.sentence)
            assert fault.hint
    blocks = {block.key: block for block in await reports.blocks(cast.officer, LETTER_DAY)}
    assert not blocks["iot.intro"].edited


def right_edges_mm(pdf: bytes, sign: str) -> list[float]:
    """Where each run of a sign ends, from the left edge of the page."""
    edges: list[float] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:

        def visit(text, _, place, font, size) -> None:
            run = text.strip().replace("\u200b", "")
            if run and set(run) == {sign}:
                edges.append((place[4] + len(run) * W_EM * size * place[0]) * MM_PER_PT)

        page.extract_text(visitor_text=visit)
    return edges


def test_a_word_wider_than_its_line_stays_on_the_page(july: July) -> None:
    word = "W" * 300
    grid = july.stations
    wide = msgspec.structs.replace(grid, rows=[["1", word, *grid.rows[0][2:]], *grid.rows[1:]])
    letter = msgspec.structs.replace(
        july.letter, body=[wide if block is grid else block for block in july.letter.body]
    )

    made = write_pdf(with_blocks(letter, Paragraph(f"số 1/{word}"), Item(word), Paragraph(word)))

    edges = right_edges_mm(made, "W")
    assert len(edges) > 4 * 300 // 40
    assert max(edges) <= M.page_width_mm - M.margin_right_mm + 0.5
    assert said_in(made).replace(" ", "").replace("\u200b", "").count("W" * 300) >= 1


def test_a_last_sentence_longer_than_a_page_is_torn_and_not_cut(july: July) -> None:
    long = "dài " * 990 + "hết."
    body = [*july.letter.body[:-1], Paragraph(long)]

    made = write_pdf(msgspec.structs.replace(july.letter, body=body))

    assert said_in(made).count("dài") >= 990
    assert "hết." in said_in(made)
    assert "PHÓ GIÁM ĐỐC" in said_in(made)


def test_the_words_of_the_shipped_letter_break_only_between_words(july: July) -> None:
    assert "\u200b" not in said_in(july.files.pdf)


async def keep_directives(world: World, count: int, subject: str) -> None:
    """Directives as an older version or an import may have kept them."""
    row = {
        "role": "directive", "kind": "Công văn", "issued_on": date(2025, 1, 1), "place": 1,
        "issuer": "Sở", "issuer_stated": True, "subject": subject, "asks": [], "source": "", "mark": "", "note": "",
        "folded": "",
    }  # fmt: skip
    rows = [{**row, "key": f"X{number}", "number": f"{number}/X"} for number in range(count)]
    async with world.registry.database.write() as connection:
        await connection.execute(insert(documents), rows)


async def test_what_was_kept_before_is_printed_with_a_box_and_found(
    reports: LetterService, cast: Cast, world: World
) -> None:
    await keep_directives(world, 1, "về việc ① \u202e\x01 khảo sát")

    draft = await reports.draft(cast.officer, LETTER_DAY)
    files = await reports.render(cast.officer, LETTER_DAY)

    found = {finding.code: finding for finding in draft.findings}["C37"]
    assert "Mục 1: U+2460" in found.sentence_vi
    assert "U+202E" in found.sentence_vi
    assert f"về việc {BOX} [U+202E][U+0001] khảo sát" in said_in_word(files.docx)
    assert "khảo sát" in said_in(files.pdf)


async def test_a_letter_beyond_its_bounds_is_refused_with_the_numbers(
    reports: LetterService, cast: Cast, world: World
) -> None:
    await keep_directives(world, 600, "về việc " * 120)

    with refused("letter.too_long") as told:
        await reports.draft(cast.officer, LETTER_DAY)

    assert f"may have {BLOCKS_MAX} and {CHARACTERS_MAX}" in told.value.sentence
    assert told.value.hint
