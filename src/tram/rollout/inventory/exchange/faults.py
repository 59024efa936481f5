"""What can be wrong with a row, in words: the reason with its remedy, in both languages."""

from collections.abc import Mapping

import msgspec

__all__ = ("ERROR", "REASONS", "WARNING", "CellError", "DryRunFaults", "RowFault", "fault_text")

ERROR = "error"
WARNING = "warning"


class RowFault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in a row; ``row`` counts as the spreadsheet does, its header included.

    An error keeps the row out; a warning does not. ``column`` is empty for the row as a whole.
    """

    row: int
    column: str
    value: str
    reason: str
    grade: str = ERROR
    more: dict[str, str] = {}


class DryRunFaults(msgspec.Struct, frozen=True):
    """The faults of the last dry run, with the cells of the rows that they are about."""

    faults: list[RowFault]
    rows: dict[int, list[str]]


class CellError(Exception):
    """A cell that cannot be read; the examination turns it into the fault of its row."""

    def __init__(self, reason: str, **more: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.more = more


# Reason: sentence and remedy in Vietnamese, then in English; {names} come from the fault.
REASONS: Mapping[str, tuple[str, str, str, str]] = {
    "missing": (
        "Thiếu giá trị bắt buộc.",
        "Điền ô này.",
        "A value that must be there is missing.",
        "Fill in the cell.",
    ),
    "number": (
        "Không phải là số.",
        "Viết số, ví dụ 15,1205.",
        "This is not a number.",
        "Write a number, for example 15.1205.",
    ),
    "range": (
        "Nằm ngoài khoảng {least} đến {most}.",
        "Kiểm tra đơn vị và dấu thập phân.",
        "Lies outside {least} to {most}.",
        "Check the unit and the decimal sign.",
    ),
    "day": (
        "Không phải là ngày đầy đủ.",
        "Viết ngày/tháng/năm, ví dụ 30/07/2025.",
        "This is not a full date.",
        "Write day/month/year, for example 30/07/2025.",
    ),
    "future": (
        "Trạm đang phát sóng nhưng ngày phát sóng sau ngày chốt danh sách ({as_of}).",
        "Sửa ngày, hoặc đổi trạng thái thành kế hoạch.",
        "On air, but since a day after that of the list ({as_of}).",
        "Mend the date, or make the state planned.",
    ),
    "off-before-on": (
        "Ngày ngừng trước ngày phát sóng.",
        "Sửa một trong hai ngày.",
        "Off before it was on air.",
        "Mend one of the two dates.",
    ),
    "operator": (
        "Doanh nghiệp không có trong danh mục.",
        "Viết như danh mục: {known}.",
        "The operator is not registered.",
        "Write it as registered: {known}.",
    ),
    "not-yours": (
        "Trạm của doanh nghiệp khác.",
        "Chỉ gửi trạm của doanh nghiệp mình.",
        "The station is another operator's.",
        "Send only your own stations.",
    ),
    "technology": (
        "Không rõ công nghệ.",
        "Viết 2G, 3G, 4G hoặc 5G.",
        "The technology is not clear.",
        "Write 2G, 3G, 4G or 5G.",
    ),
    "state": (
        "Không rõ trạng thái.",
        "Viết: kế hoạch, đang xây dựng, đang phát sóng hoặc ngừng.",
        "The state is not clear.",
        "Write planned, building, on air or off.",
    ),
    "yes-no": (
        "Không rõ có hay không.",
        "Viết có hoặc không.",
        "Neither yes nor no.",
        "Write yes or no.",
    ),
    "commune": (
        "Không có xã, phường, đặc khu nào tên hoặc mã như vậy từ 01/7/2025.",
        "Viết tên hoặc mã đơn vị mới; địa chỉ cũ ghi vào cột địa chỉ cũ.",
        "No commune has this name or code since 1 July 2025.",
        "Write the new name or code; an old address goes into its own column.",
    ),
    "commune-elsewhere": (
        "Tọa độ nằm ở {found}, không ở {given}.",
        "Kiểm tra tọa độ và xã; trạm vẫn được nhập với xã theo danh sách.",
        "The position lies in {found}, not in {given}.",
        "Check position and commune; the station is kept with the commune of the list.",
    ),
    "outside": (
        "Tọa độ nằm ngoài tỉnh ({lon}; {lat}).",
        "Kiểm tra hệ tọa độ, kinh tuyến trục và thứ tự kinh độ, vĩ độ.",
        "The position lies outside the province ({lon}; {lat}).",
        "Check the reference system, the central meridian and the order of the coordinates.",
    ),
    "repeated": (
        "Trùng mã trạm với dòng {other}.",
        "Xóa một dòng, hoặc sửa mã.",
        "The same station as row {other}.",
        "Remove one of the rows, or mend the code.",
    ),
    "sector-repeated": (
        "Trùng mã sector với dòng {other}.",
        "Xóa một dòng, hoặc sửa mã sector.",
        "The same sector as row {other}.",
        "Remove one of the rows, or mend the sector's code.",
    ),
    "differs": (
        "Khác dòng {other} của cùng một trạm.",
        "Các dòng của một trạm phải giống nhau, trừ các cột sector.",
        "Differs from row {other} of the same station.",
        "Rows of one station must agree, but for the columns of the sector.",
    ),
    "near": (
        "Cách trạm {other} của cùng doanh nghiệp, cùng công nghệ {distance} m.",
        "Nếu là một trạm, dùng mã {other}; nếu là hai, chọn nhập cả trạm gần nhau.",
        "Only {distance} m from {other} of the same operator and technology.",
        "If they are one station use the code {other}; if not, allow near stations.",
    ),
    "too-long": (
        "Dài quá {most} ký tự.",
        "Rút ngắn.",
        "Longer than {most} characters.",
        "Shorten it.",
    ),
    "unprintable": (
        "Có ký tự không hiển thị được.",
        "Gõ lại giá trị.",
        "Holds characters that cannot be shown.",
        "Type the value again.",
    ),
    "cells": (
        "Dòng có {found} ô, tiêu đề có {wanted}.",
        "Kiểm tra dấu phân cách và dấu nháy kép của dòng này.",
        "The row has {found} cells, the header {wanted}.",
        "Check separators and quotation marks of this row.",
    ),
    "life": (
        "Lịch sử trạng thái không đọc được.",
        "Viết ví dụ: 2024-06-01 on-air; 2025-01-01 off.",
        "The history of states cannot be read.",
        "Write for example: 2024-06-01 on-air; 2025-01-01 off.",
    ),
    "sector-without-code": (
        "Có dữ liệu sector nhưng thiếu mã sector.",
        "Điền mã sector.",
        "Data of a sector without its code.",
        "Fill in the sector's code.",
    ),
    "other-row": (
        "Dòng {other} của cùng trạm có lỗi.",
        "Sửa dòng đó; trạm được nhập khi mọi dòng đều đúng.",
        "Row {other} of the same station is wrong.",
        "Mend that row; a station is kept when all its rows are right.",
    ),
}


_DECIMALS = ("lon", "lat", "least", "most")


def fault_text(fault: RowFault, locale: str) -> tuple[str, str]:
    """Return sentence and remedy in a language, ``vi`` or ``en``."""
    reason_vi, remedy_vi, reason_en, remedy_en = REASONS[fault.reason]
    pair = (reason_vi, remedy_vi) if locale == "vi" else (reason_en, remedy_en)
    more = fault.more
    if locale == "vi":
        more = {
            name: value.replace(".", ",") if name in _DECIMALS else value
            for name, value in more.items()
        }
    return pair[0].format(**more), pair[1].format(**more)
