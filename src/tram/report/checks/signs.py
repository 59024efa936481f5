"""C37: what the letter holds that its font cannot set."""

from collections.abc import Iterator

from tram.domain.text import UnfitSign
from tram.report.checks.case import Case, RuleOutcome, kept
from tram.report.checks.finding_wording import Said, Wording, joined, wording
from tram.report.letter.content import Grid
from tram.report.letter.font import set_text, unset_signs

__all__ = ("signs_in_font",)

PLACES_NAMED_MAX = 10
_AROUND = 20
_HEAD = wording("place.head")
_CLOSING = wording("place.closing")
_PLACES = {"0": wording("place.opening"), "closing": _CLOSING}


def signs_in_font(case: Case) -> RuleOutcome:
    """C37: the letter's font has every sign; what it lacks is printed as a box."""
    found = [(place, text, unset) for place, text in _texts(case) for unset in unset_signs(text)]
    if not found:
        return kept("signs.set")
    named = found[:PLACES_NAMED_MAX]
    said: list[Said] = [
        joined((place, ": ", _said(place, text, unset))) for place, text, unset in named
    ]
    more = len(found) - len(named)
    if more:
        said.append(wording("signs.more", more=more))
    return RuleOutcome(holds=False, says=joined((joined(said, "; "), ".")))


def _texts(case: Case) -> Iterator[tuple[Wording, str]]:
    """Yield every text of the letter with its place."""
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
        place = _PLACES.get(key) or wording("place.section", section=key)
        for block in blocks:
            if isinstance(block, Grid):
                table = wording("place.table", place=place)
                for row in [*block.rows, block.total]:
                    yield from ((table, text) for text in row)
            else:
                yield place, block.text


def _said(place: Wording, text: str, unset: UnfitSign) -> str:
    """Return the sign's name and the words around it as they are printed.

    The end of the letter is not quoted: a person may stand there, and findings are kept.
    """
    if place == _CLOSING:
        return unset.name
    start = max(0, unset.place - 1 - _AROUND)
    return f"{unset.name} (“{set_text(text[start : unset.place + _AROUND])}”)"
