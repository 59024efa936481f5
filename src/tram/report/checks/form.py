"""C26–C36: the form of a letter (Decree 30/2020), its words and its numbers."""

import re
from collections import Counter
from collections.abc import Sequence

from tram.report.checks.case import DOCUMENT_NUMBER, Case, RuleOutcome, broken, kept
from tram.report.checks.finding_wording import Said, Wording, joined, wording

__all__ = (
    "boxes_present",
    "doubled_synonyms",
    "first_citations",
    "number_format",
    "number_spacing",
    "personal_data",
    "proper_names",
    "recipients",
    "repeated_words",
    "signature",
    "table_titles",
)

_REPEATED = re.compile(r"\b([^\W\d_]+) \1\b", re.IGNORECASE)
_SYNONYMS = (("đảm bảo", "bảo đảm"), ("trước hết", "đầu tiên"), ("và", "cùng với"))
_SPACED_NUMBER = re.compile(r"\bsố \d+(?:\s+[-/]\s*|[-/]\s+)[A-ZĐ][\w&/-]*")
_NAMES = {
    re.compile(r"\b(?!MobiFone\b)(?i:mobi ?(?:f|ph)one)\b"): "MobiFone",
    re.compile(r"\b(?!Viettel\b)(?i:viettel)\b"): "Viettel",
    re.compile(r"\b(?!VNPT\b)(?i:vnpt)\b"): "VNPT",
    re.compile(r"Quốc lộ 1A"): "Quốc lộ 1",
}
_DECIMAL_POINT = re.compile(r"(?<![\d./-])\d{1,3}\.\d{1,2}(?![\d./-])")
_BARE_THOUSANDS = re.compile(r"^\d{4,}$")
_TABLE_NUMBER = re.compile(r"^Bảng \d+\. \S")
_KIND_BEFORE = re.compile(
    r"(Nghị quyết|Kế hoạch|Quyết định|Thông báo|Công văn|Nghị định|Thông tư|Chỉ thị|Luật)"
    r"(?: số)? ?$"
)
_AFTER_NUMBER = re.compile(
    r"^ ngày (\d{1,2}/\d{1,2}/\d{4})(?: của ([^,;:\d]{2,80}?))?( về | sửa đổi)"
)
_HAS_DATE = re.compile(r"^ ngày \d{1,2}/\d{1,2}/\d{4}")
_HAS_ISSUER = re.compile(r"^ ngày \S+ của ")
_PERSONAL = re.compile(
    r"(?<!\d)0\d{2,3}[ .]?\d{3}[ .]?\d{3,4}(?!\d)|[\w.+-]+@[\w-]+\.\w+"
    r"|\b(?i:điện thoại|di động|e-?mail|thư điện tử|đồng chí)\b|\b(?:[ôÔ]ng|[bB]à) (?=[A-ZĐ])"
)
_TABLES = ("stations", "devices")
_DEPUTY = "PHÓ "
_FOR_HEAD = "KT. "


def boxes_present(case: Case) -> RuleOutcome:
    """C26: country, motto, office and number stand at the head."""
    heading = case.letter.heading
    boxes = {
        "country": heading.country and heading.motto,
        "offices": heading.agency_above and heading.agency,
        "number": heading.number,
    }
    missing = [wording(f"box.{name}") for name, text in boxes.items() if not text]
    return _listed(missing, "boxes.present", "boxes.missing")


def repeated_words(case: Case) -> RuleOutcome:
    """C27: no word stands twice in a row."""
    doubled = re.compile("|".join(_doubled()), re.IGNORECASE)
    texts = [doubled.sub(" ", text) for text in case.printed()]  # C28 speaks of those
    found = [match.group() for text in texts for match in _REPEATED.finditer(text)]
    return _listed(found, "words.once", "words.repeated")


def doubled_synonyms(case: Case) -> RuleOutcome:
    """C28: no two words of the same meaning stand side by side."""
    found = [both for text in case.printed() for both in _doubled() if both in text.casefold()]
    return _listed(found, "synonyms.single", "synonyms.doubled")


def number_spacing(case: Case) -> RuleOutcome:
    """C29: a document's number has no space inside."""
    found = [match.group() for text in case.texts() for match in _SPACED_NUMBER.finditer(text)]
    return _listed(found, "numbers.unspaced", "numbers.spaced")


def proper_names(case: Case) -> RuleOutcome:
    """C30: names are written as on the list."""
    found = [
        f"{match.group()} → {right}"
        for wrong, right in _NAMES.items()
        for text in case.printed()
        for match in wrong.finditer(text)
    ]
    return _listed(found, "names.right", "names.wrong")


def number_format(case: Case) -> RuleOutcome:
    """C31: decimal comma, point between thousands."""
    cells = [text for grid in case.grids for row in [*grid.rows, grid.total] for text in row]
    found = [text for text in cells if _BARE_THOUSANDS.match(text)]
    for text in [*cells, *case.texts()]:
        found += [
            match.group()
            for match in _DECIMAL_POINT.finditer(DOCUMENT_NUMBER.sub("", text))
            if len(match.group().split(".")[1]) < len("000")
        ]
    return _listed(found, "format.right", "format.wrong")


def table_titles(case: Case) -> RuleOutcome:
    """C32: a table has a number, a title and a date."""
    found = []
    for grid, caption in case.captions():
        table = wording(f"table.{grid.name}") if grid.name in _TABLES else grid.name
        if caption is None or not _TABLE_NUMBER.match(caption.text):
            found.append(wording("table.no_title", table=table))
        if caption is None or not re.search(r"\d{4}", caption.as_of):
            found.append(wording("table.no_date", table=table))
    return _listed(found, "tables.titled", "tables.untitled")


def first_citations(case: Case) -> RuleOutcome:
    """C33: a first citation has type, number, date, issuer and abstract."""
    text = re.sub(r"(?<=\d) (?=[-/])", "", "\n".join(case.texts()))
    seen: set[str] = set()
    found = []
    for match in DOCUMENT_NUMBER.finditer(text):
        number = match.group()
        if number in seen or not _is_document(case, number):
            continue
        seen.add(number)
        lacks = _lacks(text[: match.start()], text[match.end() :])
        if lacks:
            found.append(joined((f"{number}: ", joined(lacks, ", "))))
    return _listed(found, "citations.whole", "citations.lacking")


def recipients(case: Case) -> RuleOutcome:
    """C34: the list of recipients ends with the archive."""
    lines = case.letter.closing.recipients
    holds = bool(lines) and lines[-1].startswith("Lưu: VT, ") and lines[-1].endswith(".")
    last = lines[-1] if lines else "–"
    return RuleOutcome(holds, wording("recipients.lines", lines=len(lines), last=last))


def signature(case: Case) -> RuleOutcome:
    """C35: a deputy signs for the head."""
    lines = [line.upper() for line in case.letter.closing.signer]
    head, deputy = (lines[0], lines[1]) if len(lines) > 1 else ("", "")
    holds = not deputy or (
        head.startswith(_FOR_HEAD) and deputy == _DEPUTY + head.removeprefix(_FOR_HEAD)
    )
    said = " / ".join(lines)
    return RuleOutcome(holds and bool(lines), f"“{said}”.")


def personal_data(case: Case) -> RuleOutcome:
    """C36: nobody's name, telephone number or address for messages stands in the letter."""
    found = [
        match.group().strip()
        for text in [*case.texts(), *case.letter.closing.signer[2:]]
        for match in _PERSONAL.finditer(text)
    ]
    if not found:
        return kept("persons.none")
    # The data itself is not repeated here: findings are kept and shown.
    return broken("persons.found", places=len(found))


def _doubled() -> list[str]:
    """Return the pairs of synonyms in both orders."""
    return [
        both for first, second in _SYNONYMS for both in (f"{first} {second}", f"{second} {first}")
    ]


def _lacks(before: str, after: str) -> list[Wording]:
    """Return what a citation lacks, by what stands on both sides of the number."""
    there = {
        "kind": _KIND_BEFORE.search(before),
        "day": _HAS_DATE.match(after),
        "issuer": _HAS_ISSUER.match(after),
        "subject": _AFTER_NUMBER.match(after),
    }
    return [wording(f"citation.{part}") for part, match in there.items() if not match]


def _is_document(case: Case, number: str) -> bool:
    """Tell a document from what looks like one: it is in the register, or its symbol has parts."""
    known = {document.number for document in case.sources.documents}
    return number in known or number.count("/") + number.count("-") > 1


def _listed(found: Sequence[Said], right: str, wrong: str) -> RuleOutcome:
    """Return an outcome that lists what was found, each once with how often, in the order of the letter."""
    if not found:
        return kept(right)
    said = [
        joined((text, f" (×{times})")) if times > 1 else text
        for text, times in Counter(found).items()
    ]
    return broken(wrong, found=joined(said, "; "))
