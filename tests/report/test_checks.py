"""Part B of the report of July 2025: what each rule finds in the printed letter and in ours."""

import re

import msgspec
import pytest

from tests.report.july import July
from tests.repository import ROOT
from tram.report.checks.examination import examine
from tram.report.checks.letter_rules import CATALOG, Finding
from tram.report.letter.compose import compose
from tram.report.letter.content import Closing, Item, Letter, Paragraph

DOCS = ROOT / "docs" / "checks.md"
PRINTED_KEPT = {"C01", "C02", "C04", "C23", "C34", "C35"}
COMPOSED_BROKEN = {
    "C05", "C06", "C07", "C10", "C11", "C12", "C13", "C16", "C18", "C19", "C20", "C21", "C22",
    "C24", "C25", "C33",
}  # fmt: skip
PRINTED_SAYS = {
    "C01": ["813 + 826 + 996 = 2.635", "4 + 19 + 92 = 115"],
    "C02": ["0,49 / 2,30 / 9,24"],
    "C03": ["để trống", "4,36 %"],
    "C04": ["30,85 %", "31,35 %", "37,80 %", "3,48 / 16,52 / 80,00 %"],
    "C05": ["1.318", "1.203", "407 (+403)", "413 (+394)", "498 (+406)"],
    "C06": ["154 ngày", "7,8 trạm/ngày", "241 trạm/tháng"],
    "C07": ["4,36 %", "50 %", "MobiFone, VNPT, Viettel"],
    "C08": ["115", "111", "Mobifone có 4"],
    "C09": ["toàn tỉnh", "khu công nghiệp"],
    "C10": ["không có số liệu nào"],
    "C11": ["Lớn"],
    "C12": ["3/3"],
    "C13": ["nông nghiệp, môi trường, giao thông", "5–6 lĩnh vực"],
    "C14": ["912/QĐ-BKHCN"],
    "C15": ["cố định hay thay đổi", "2.635"],
    "C16": ["vị trí, nút hay ô"],
    "C17": ["có thể thực hiện", "khó có thể"],
    "C18": ["KKT, KCN, CCN có 5G (100 %", "Điểm đặt thiết bị giám sát", "IoT trên mỗi người dân"],
    "C19": ["5 văn bản", "359-KH/TU", "167/TB-UBND"],
    "C20": ["Bờ Y", "56 hay 96"],
    "C21": ["ban hành: chưa bắt đầu"],
    "C22": ["bỏ cụm công nghiệp"],
    "C23": ["8 ngày"],
    "C24": ["QCVN 126:2021", "TCVN 13812:2023"],
    "C25": ["K2", "quy định, ngân sách, kêu gọi, đào tạo"],
    "C26": ["Quốc hiệu", "tên cơ quan", "số, ký hiệu"],
    "C27": ["các các"],
    "C28": ["đảm bảo bảo đảm"],
    "C29": ["359 -KH/TU (×2)"],
    "C30": ["Mobifone → MobiFone", "Quốc lộ 1A → Quốc lộ 1"],
    "C31": ["2635", "0.49", "2.30", "9.24"],
    "C32": ["số, tên", "ngày số liệu"],
    "C33": [
        "71/NQ-CP: trích yếu",
        "2763/UBND-KGVX: loại văn bản, cơ quan ban hành",
        "167/TB-UBND: cơ quan ban hành",
    ],
    "C34": ["3 dòng"],
    "C35": ["KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC"],
    "C36": ["dữ liệu cá nhân"],
}


@pytest.mark.parametrize("code", sorted(PRINTED_SAYS))
def test_rule_finds_in_the_printed_letter_what_part_b_says(july: July, code: str) -> None:
    finding = july.printed[code]

    assert finding.holds == (code in PRINTED_KEPT)
    for words in PRINTED_SAYS[code]:
        assert words in finding.sentence_vi


def test_composed_letter_keeps_what_registers_and_arithmetic_can_mend(july: July) -> None:
    broken = {code for code, finding in july.findings.items() if not finding.holds}

    assert broken == COMPOSED_BROKEN


def test_same_figures_give_the_same_findings_in_both_letters(july: July) -> None:
    for code in (
        "C01",
        "C02",
        "C05",
        "C06",
        "C07",
        "C18",
        "C19",
        "C20",
        "C21",
        "C22",
        "C23",
        "C24",
    ):
        assert july.findings[code].sentence_vi == july.printed[code].sentence_vi


def test_every_finding_has_place_sentence_and_remedy_in_both_languages(july: July) -> None:
    for finding in [*july.findings.values(), *july.printed.values()]:
        for field in msgspec.structs.astuple(finding)[3:-1]:
            assert field.strip(), finding.code
        assert finding.severity in {"E", "W", "I"}


def test_english_sentences_write_numbers_as_english_does(july: July) -> None:
    assert "1,318 5G stations are needed, 1,203 are missing" in july.printed["C05"].sentence_en
    assert "7.8 stations per day" in july.printed["C06"].sentence_en
    assert "0.49; 2.30; 9.24" in july.printed["C31"].sentence_en


def test_docs_list_every_rule_as_the_code_has_it(july: July) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| C\d\d ", line)
    ]

    assert [row[0] for row in rows] == [f"C{number:02d}" for number in range(1, 38)]
    for row, rule in zip(rows, CATALOG, strict=True):
        assert row[:4] == [rule.code, rule.severity, rule.rule_en, rule.decidable]
        assert row[4], rule.code
        assert row[5] == _sign(july.printed[rule.code])
        assert row[6] == _sign(july.findings[rule.code])


def _sign(finding: Finding) -> str:
    return "✓" if finding.holds else "✗"


def _edited(july: July, key: str, text: str) -> dict[str, Finding]:
    """Findings after an officer wrote a text block."""
    sources = msgspec.structs.replace(july.sources, texts={key: text})
    return {finding.code: finding for finding in examine(compose(sources), sources)}


def test_finding_follows_what_the_officer_writes(july: July) -> None:
    sized = "Tất cả các khu công nghiệp lớn (từ 50 ha trở lên) đã có mạng 4G phủ sóng."
    spaced = (
        "Theo Kế hoạch số 359 -KH/TU, tỉnh đã đảm bảo bảo đảm mạng của Mobifone tại Quốc lộ 1A."
    )

    assert _edited(july, "stations.infrastructure", sized)["C11"].holds
    after = _edited(july, "iot.intro", spaced)
    assert {c for c in ("C28", "C29", "C30") if not after[c].holds} == {"C28", "C29", "C30"}


@pytest.mark.parametrize(
    "contact",
    [
        "Liên hệ: ông Nguyễn Văn A.",
        "Liên hệ: 0900 000 000.",
        "Liên hệ: vanthu@example.vn.",
        "Liên hệ: điện thoại cơ quan.",
    ],
)
def test_personal_data_is_found_and_not_repeated(july: July, contact: str) -> None:
    finding = _edited(july, "closing.contact", contact)["C36"]

    assert not finding.holds
    for secret in ("0900", "example", "Nguyễn"):
        assert secret not in finding.sentence_vi + finding.sentence_en


def test_wrong_sum_and_wrong_ratio_are_found(july: July) -> None:
    grid = july.stations
    wrong = msgspec.structs.replace(
        grid,
        rows=[["1", "MobiFone", "813", "4", "0,94"], *grid.rows[1:]],
        total=["", "Tổng cộng", "2.653", "115", "4,36"],
    )
    letter = _with(july.letter, {id(grid): wrong})
    found = {finding.code: finding for finding in examine(letter, july.sources)}

    assert not found["C01"].holds
    assert not found["C02"].holds
    assert "MobiFone: 0,94 ≠ 0,49" in found["C02"].sentence_vi


def test_closing_that_is_not_by_the_decree_is_found(july: July) -> None:
    closing = Closing(
        recipients_title="Nơi nhận:", recipients=["Như trên;"], signer=["GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]
    )
    letter = msgspec.structs.replace(july.letter, closing=closing)
    found = {finding.code: finding for finding in examine(letter, july.sources)}

    assert not found["C34"].holds
    assert not found["C35"].holds


def test_missing_counts_are_named(july: July) -> None:
    counts = msgspec.structs.replace(
        july.sources.counts,
        rows=[
            msgspec.structs.replace(row, stations_5g=None, ratio_percent=None)
            if row.name == "VNPT"
            else row
            for row in july.sources.counts.rows
        ],
        total_ratio_percent=None,
        missing=["VNPT 5G"],
    )
    sources = msgspec.structs.replace(july.sources, counts=counts)
    found = {finding.code: finding for finding in examine(compose(sources), sources)}

    assert not found["C01"].holds
    assert "thiếu VNPT 5G" in found["C01"].sentence_vi


def test_a_letter_without_anything_is_examined_without_falling(july: July) -> None:
    bare = msgspec.structs.replace(july.letter, body=[Item("Không có gì."), Paragraph("Hết./.")])
    nothing = msgspec.structs.replace(
        july.sources, standings=[], documents=[], tasks=[], recommendations=[]
    )

    assert len(examine(bare, nothing)) == len(CATALOG)


def _with(letter: Letter, replaced: dict) -> Letter:
    return msgspec.structs.replace(
        letter, body=[replaced.get(id(block), block) for block in letter.body]
    )
