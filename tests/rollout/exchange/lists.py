"""Lists of stations as people send them, and what an examination of them knows."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

from tests.provinces import QUANG_NGAI
from tram.domain.text import fold
from tram.rollout.inventory.exchange.examination import examine
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.plan import Examination, ImportPlan, Surroundings
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.exchange.sheet import Sheet
from tram.rollout.inventory.exchange.station_columns import guess_columns

AS_OF = date(2025, 10, 31)
OPERATORS = {1: "MobiFone", 2: "VNPT", 3: "Viettel"}
COMMUNES = {"21025": "Phường Cẩm Thành", "21172": "Xã Thọ Phong", "21548": "Đặc khu Lý Sơn"}
AROUND = Surroundings(
    operators={fold(name): number for number, name in OPERATORS.items()},
    operator_names=OPERATORS,
    writable=frozenset(OPERATORS),
    communes=COMMUNES,
    bounds=QUANG_NGAI.bounds,
)
HEADERS = (
    "Mã trạm", "Doanh nghiệp", "Công nghệ", "Tên trạm", "Trạng thái", "Ngày phát sóng",
    "Kinh độ", "Vĩ độ", "Xã/phường", "Chiều cao cột (m)", "Ghi chú",
)  # fmt: skip


def good_row(number: int) -> list[str]:
    """A row with nothing wrong; stations stand 500 metres apart."""
    return [
        f"QNI{number:05}",
        ("MobiFone", "VNPT", "Viettel")[number % 3],
        ("4G", "5G")[number % 2],
        f"Trạm số {number}",
        "đang phát sóng",
        f"{1 + number % 28:02}/03/2024",
        f"{108.5 + (number % 60) * 0.005:.5f}",
        f"{14.8 + (number // 60) * 0.005:.5f}",
        "Xã Thọ Phong",
        "42",
        "",
    ]


def csv_of(
    rows: Sequence[Sequence[str]], headers: Sequence[str] = HEADERS, *, delimiter: str = ","
) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([headers, *rows])
    return target.getvalue().encode()


def plan_for(sheet: Sheet, **given: object) -> ImportPlan:
    wanted: Mapping[str, object] = {
        "columns": guess_columns(sheet), "reference": Reference(), "as_of": AS_OF, **given
    }  # fmt: skip
    return ImportPlan(**wanted)


def examined(data: bytes, **given: object) -> Examination:
    """Read and examine a file with its columns guessed."""
    sheet = read_sheet(data)
    return examine(sheet, plan_for(sheet, **given), AROUND)


def faults_of(found: Examination) -> list[tuple[int, str, str, str]]:
    return [(fault.row, fault.column, fault.value, fault.reason) for fault in found.faults]
