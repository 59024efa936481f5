"""Measures of the letter (Decree 30/2020, appendix I), the same in both writers.

Widths of the heading hold its longest lines in one line each: the office at 12 pt bold (64,5 mm)
on the left, the country's name at 12 pt bold (87,7 mm) on the right.
"""

import msgspec

__all__ = ("MEASURES", "Measures")


class Measures(msgspec.Struct, frozen=True):
    """Every length (mm) and size (pt) of the letter."""

    page_width_mm: float = 210
    page_height_mm: float = 297
    margin_top_mm: float = 20
    margin_bottom_mm: float = 20
    margin_left_mm: float = 30
    margin_right_mm: float = 20
    page_number_from_top_mm: float = 10
    page_number_pt: float = 13
    heading_left_mm: float = 70
    heading_right_mm: float = 90
    agency_pt: float = 12
    agency_rule_mm: float = 26
    """Between a third and a half of the office's line."""
    country_pt: float = 12
    motto_pt: float = 13
    motto_rule_mm: float = 56.06
    """Exactly as long as the motto at 13 pt bold."""
    number_pt: float = 13
    subject_pt: float = 12
    subject_gap_pt: float = 6
    body_pt: float = 14
    line_multiple: float = 1.05
    """Of single spacing; the decree allows single to 1,5."""
    paragraph_gap_pt: float = 6
    indent_mm: float = 12.7
    table_pt: float = 13
    whole_rows: int = 12
    """A table of so many rows is never torn between two pages."""
    closing_left_mm: float = 80
    closing_right_mm: float = 80
    recipients_title_pt: float = 12
    recipients_pt: float = 11
    signature_gap_mm: float = 26
    """Room for the signature and the seal."""


MEASURES = Measures()
