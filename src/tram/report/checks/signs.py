"""C37: what the letter holds that its font cannot set."""

from collections.abc import Iterator

from tram.domain.text import UnfitSign
from tram.report.checks.case import Case, RuleOutcome
from tram.report.letter.content import Grid
from tram.report.letter.font import set_text, unset_signs

__all__ = ("signs_in_font",)

PLACES_NAMED_MAX = 10
_AROUND = 20
_PLACES = {
    "0": ("Đoạn mở đầu", "Opening"),
    "1": ("Mục 1", "Section 1"),
    "2": ("Mục 2", "Section 2"),
    "2a": ("Mục 2a", "Section 2a"),
    "2b": ("Mục 2b", "Section 2b"),
    "2c": ("Mục 2c", "Section 2c"),
    "3": ("Mục 3", "Section 3"),
    "4": ("Mục 4", "Section 4"),
    "closing": ("Đoạn kết", "Closing"),
}
_HEAD = ("Phần đầu, nơi nhận, người ký", "Head, recipients, signer")
_TABLE = ("bảng", "table")


def signs_in_font(case: Case) -> RuleOutcome:
    """C37: the letter's font has every sign; what it lacks is printed as a box."""
    found = [(place, text, unset) for place, text in _texts(case) for unset in unset_signs(text)]
    if not found:
        return RuleOutcome(
            holds=True,
            vi="Phông chữ của công văn có đủ mọi ký tự.",
            en="The letter's font has every sign.",
        )
    named = found[:PLACES_NAMED_MAX]
    more = len(found) - len(named)
    said = [(place, _said(place, text, unset)) for place, text, unset in named]
    vi = "; ".join(f"{place[0]}: {sign}" for place, sign in said)
    en = "; ".join(f"{place[1]}: {sign}" for place, sign in said)
    return RuleOutcome(
        holds=False,
        vi=vi + (f"; và {more} chỗ khác." if more else "."),
        en=en + (f"; and {more} more places." if more else "."),
    )


def _texts(case: Case) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield every text of the letter with its place in both languages."""
    letter = case.letter
    for text in (
        letter.heading.subject,
        letter.heading.addressee,
        letter.heading.agency_above,
        letter.heading.agency,
        *letter.closing.recipients,
        *letter.closing.signer,
    ):
        yield _HEAD, text
    for key, blocks in case.parts.items():
        place = _PLACES.get(key, (f"Mục {key}", f"Section {key}"))
        for block in blocks:
            if isinstance(block, Grid):
                table = (f"{place[0]}, {_TABLE[0]}", f"{place[1]}, {_TABLE[1]}")
                for row in [*block.rows, block.total]:
                    yield from ((table, text) for text in row)
            else:
                yield place, block.text


def _said(place: tuple[str, str], text: str, unset: UnfitSign) -> str:
    """Return the sign's name and the words around it as they are printed.

    The end of the letter is not quoted: a person may stand there, and findings are kept.
    """
    if place == _PLACES["closing"]:
        return unset.name
    start = max(0, unset.place - 1 - _AROUND)
    return f"{unset.name} (“{set_text(text[start : unset.place + _AROUND])}”)"
