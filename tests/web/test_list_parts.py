"""Long lists in parts: every item on one of them, and no number of a part that leads nowhere."""

from tram.web.parts import part_of


def test_the_parts_hold_every_item_once() -> None:
    parts = [part_of(range(130), number, 50) for number in (1, 2, 3)]

    assert [item for part in parts for item in part.items] == list(range(130))
    assert [(part.first, part.last, part.total, part.parts) for part in parts] == [
        (1, 50, 130, 3),
        (51, 100, 130, 3),
        (101, 130, 130, 3),
    ]


def test_a_number_beyond_the_ends_names_the_part_at_that_end() -> None:
    assert part_of(range(60), 99, 50).number == 2
    assert part_of(range(60), -3, 50).number == 1


def test_nothing_is_one_empty_part() -> None:
    part = part_of((), 1, 50)

    assert (part.parts, part.total, part.first, part.last) == (1, 0, 1, 0)
