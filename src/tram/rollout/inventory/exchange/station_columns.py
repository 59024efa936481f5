"""The columns of a list of stations: what each may hold, and the headers by which it is known.

A header is accepted by its own name or one of those in the table; what no name tells is guessed by
what stands under it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from tram.domain.text import fold
from tram.rollout.inventory.exchange.cells import decimal_sign_of, number_of
from tram.rollout.inventory.exchange.faults import CellError
from tram.rollout.inventory.exchange.sheet import Cell, Sheet

__all__ = (
    "COLUMN_OF",
    "SECTOR_COLUMNS",
    "STATION_COLUMNS",
    "StationColumn",
    "guess_columns",
    "header_score",
)


@dataclass(frozen=True, slots=True)
class StationColumn:
    """One meaning of a column: its headers in exports, and other names it goes by (folded).

    A text has at most ``longest`` characters, a number lies within ``bounds``; what has neither is
    a day or a word.
    """

    key: str
    header_vi: str
    header_en: str
    names: tuple[str, ...] = ()
    needed: bool = False
    longest: int = 0
    bounds: tuple[float, float] | None = None

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name, folded."""
        return (fold(self.header_vi), fold(self.header_en), self.key, *self.names)


STATION_COLUMNS: tuple[StationColumn, ...] = (
    StationColumn(
        "code", "Mã trạm", "Station code",
        ("ma bts", "ma nha tram", "site id", "site code", "siteid", "ma site", "id tram",
         "ma vi tri tram", "ky hieu tram"), needed=True, longest=80,
    ),
    StationColumn(
        "operator", "Doanh nghiệp", "Operator",
        ("doanh nghiep vien thong", "nha mang", "don vi", "mang"),
    ),
    StationColumn(
        "technology", "Công nghệ", "Technology",
        ("loai tram", "loai cong nghe", "tech", "rat", "the he"),
    ),
    StationColumn(
        "name", "Tên trạm", "Name",
        ("ten bts", "ten nha tram", "site name", "ten"), longest=200,
    ),
    StationColumn("state", "Trạng thái", "State", ("tinh trang", "status", "hien trang")),
    StationColumn(
        "on_air_on", "Ngày phát sóng", "On air since",
        ("ngay on air", "on air date", "ngay onair", "ngay hoat dong", "ngay dua vao su dung",
         "thoi gian phat song"),
    ),
    StationColumn("off_on", "Ngày ngừng", "Off since", ("ngay ngung phat song", "ngay dung")),
    StationColumn("life", "Lịch sử trạng thái", "History of states", ("lich su",)),
    StationColumn(
        "lon", "Kinh độ", "Longitude",
        ("long", "lng", "kinh do (e)", "long (e)", "x kinh do"), bounds=(-180, 180),
    ),
    StationColumn("lat", "Vĩ độ", "Latitude", ("vi do (n)", "lat (n)"), bounds=(-90, 90)),
    StationColumn(
        "easting", "Tọa độ Y VN-2000 (đông, m)", "VN-2000 easting (m)",
        ("toa do dong", "dong (m)", "e (m)"), bounds=(0, 1e7),
    ),
    StationColumn(
        "northing", "Tọa độ X VN-2000 (bắc, m)", "VN-2000 northing (m)",
        ("toa do bac", "bac (m)", "n (m)"), bounds=(0, 1e7),
    ),
    StationColumn(
        "band", "Băng tần", "Band",
        ("tan so", "bang tan (mhz)", "frequency"), longest=40,
    ),
    StationColumn("indoor", "Trong nhà", "Indoor", ("ibs", "inbuilding")),
    StationColumn(
        "antennas", "Cấu hình thu phát", "Antennas (T/R)",
        ("mimo", "cau hinh mimo", "so anten thu phat", "trx"), longest=12,
    ),
    StationColumn("accepted_on", "Ngày nghiệm thu", "Accepted on", ("nghiem thu",)),
    StationColumn(
        "commune", "Xã, phường, đặc khu", "Commune",
        ("xa", "phuong", "xa/phuong", "xa, phuong", "phuong/xa", "phuong, xa", "ma xa",
         "don vi hanh chinh", "xa phuong", "xa/phuong/dac khu", "xa moi"),
    ),
    StationColumn(
        "address", "Địa chỉ", "Address",
        ("dia diem", "dia chi lap dat", "dia chi moi", "vi tri"), longest=300,
    ),
    StationColumn(
        "address_before", "Địa chỉ cũ (trước 01/7/2025)", "Old address (before 1 July 2025)",
        ("dia chi cu", "dia chi truoc sap nhap", "old address"), longest=300,
    ),
    StationColumn(
        "old_commune", "Xã cũ", "Old commune",
        ("xa truoc sap nhap", "phuong cu"), longest=100,
    ),
    StationColumn(
        "old_district", "Huyện cũ", "Old district",
        ("huyen", "huyen/thi xa", "quan/huyen", "quan huyen", "district", "huyen, thi xa",
         "huyen/tx/tp"), longest=100,
    ),
    StationColumn(
        "mast_code", "Mã cột", "Mast code",
        ("ma vi tri", "ma ha tang", "ma cot anten", "mast id", "tower id"), longest=80,
    ),
    StationColumn("mast_name", "Tên cột", "Mast", ("ten vi tri",), longest=200),
    StationColumn(
        "mast_owner", "Chủ sở hữu cột", "Mast owner",
        ("chu so huu", "chu cot", "so huu", "don vi so huu", "don vi so huu cot", "tower owner",
         "chu so huu ha tang"), longest=200,
    ),
    StationColumn(
        "mast_kind", "Loại cột", "Mast kind",
        ("loai cot anten", "tower type"), longest=40,
    ),
    StationColumn(
        "mast_height_m", "Chiều cao cột (m)", "Mast height (m)",
        ("chieu cao cot", "do cao cot", "chieu cao cot anten", "tower height"), bounds=(0, 400),
    ),
    StationColumn("note", "Ghi chú", "Note", ("remark",), longest=500),
    StationColumn(
        "sector", "Sector", "Sector",
        ("cell", "ma sector", "ten sector", "cell id"), longest=40,
    ),
    StationColumn(
        "azimuth_deg", "Góc phương vị (°)", "Azimuth (°)",
        ("azimuth", "goc phuong vi", "huong", "phuong vi"), bounds=(0, 360),
    ),
    StationColumn(
        "tilt_deg", "Góc ngẩng (°)", "Tilt (°)",
        ("tilt", "goc ngang", "goc cup", "goc nghieng", "downtilt"), bounds=(-30, 90),
    ),
    StationColumn(
        "height_m", "Độ cao anten (m)", "Antenna height (m)",
        ("do cao anten", "chieu cao anten", "do cao treo anten", "height", "antenna height"),
        bounds=(0, 400),
    ),
    StationColumn(
        "eirp_dbm", "EIRP (dBm)", "EIRP (dBm)",
        ("eirp", "cong suat eirp"), bounds=(0, 100),
    ),
    StationColumn("antenna", "Anten", "Antenna", ("loai anten", "antenna type"), longest=120),
    StationColumn(
        "carrier_mhz", "Sóng mang (MHz)", "Carrier (MHz)",
        ("song mang", "tan so song mang", "carrier", "tan so (mhz)"), bounds=(300, 90_000),
    ),
    StationColumn(
        "bandwidth_mhz", "Băng thông (MHz)", "Bandwidth (MHz)",
        ("bang thong", "bandwidth", "bw"), bounds=(0.1, 2_000),
    ),
    StationColumn("synthetic", "Mô phỏng", "Simulated"),
)  # fmt: skip
COLUMN_OF: Mapping[str, StationColumn] = {column.key: column for column in STATION_COLUMNS}
SECTOR_COLUMNS = (
    *("sector", "azimuth_deg", "tilt_deg", "height_m", "eirp_dbm", "antenna"),
    *("carrier_mhz", "bandwidth_mhz"),
)
_SAMPLE_ROWS = 200
_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")
_DUMB = re.compile(r"[^a-z0-9]+")
# What coordinates of the province look like, by the values alone.
_RANGES: Mapping[str, tuple[float, float]] = {
    "lon": (106, 110),
    "lat": (13, 17),
    "easting": (200_000, 900_000),
    "northing": (1_400_000, 1_900_000),
}
_MOSTLY = 0.6
_NAME_CHARACTERS_MAX = 80
_PREFIX_CHARACTERS_MIN = 7


def guess_columns(sheet: Sheet) -> dict[str, str]:
    """Return the header of each field that was recognised; each header serves once.

    In Vietnamese lists X points north and Y east; coordinates are therefore told by their values.
    """
    found: dict[str, str] = {}
    for is_it in (_is_exact, _is_bare, _holds):
        for field, header in product(STATION_COLUMNS, sheet.headers):
            _take(found, field.key, header, is_it(field, header))
    for key in _RANGES:
        # A name is believed until the values can only be another coordinate.
        if key in found and _looks_like(sheet, found[key]) not in {"", key}:
            del found[key]
    for key, header in product(_RANGES, sheet.headers):
        _take(found, key, header, key not in found and _fits(sheet, header, key))
    return found


def _take(found: dict[str, str], key: str, header: str, fits: bool) -> None:  # noqa: FBT001  # private
    """Give a header to a field when it fits and neither has another."""
    if fits and key not in found and header not in found.values():
        found[key] = header


def header_score(cells: Sequence[Cell]) -> int:
    """Return how many cells of a row are names of columns."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return sum(
        _exact(text) in _EXACT or _bare(text) in _BARE
        for text in texts
        if len(text) <= _NAME_CHARACTERS_MAX
    )


def _is_exact(field: StationColumn, header: str) -> bool:
    return field.key in _EXACT.get(_exact(header), ())


def _is_bare(field: StationColumn, header: str) -> bool:
    """Match without brackets, punctuation and doubled blanks."""
    return field.key in _BARE.get(_bare(header), ())


def _holds(field: StationColumn, header: str) -> bool:
    """Match a longer header that begins with one of the names, as whole words."""
    bare = _bare(header)
    return any(
        field.key in keys and len(name) >= _PREFIX_CHARACTERS_MIN and bare.startswith(f"{name} ")
        for name, keys in _BARE.items()
    )


def _exact(text: str) -> str:
    return fold(text).strip()


def _bare(text: str) -> str:
    return _DUMB.sub(" ", _BRACKETS.sub(" ", fold(text))).strip()


def _known(way: Callable[[str], str]) -> dict[str, set[str]]:
    """Return the keys of fields by each of their names."""
    known: dict[str, set[str]] = {}
    for field in STATION_COLUMNS:
        for name in field.all_names:
            known.setdefault(way(name), set()).add(field.key)
    return known


def _looks_like(sheet: Sheet, header: str) -> str:
    """Return the coordinate that most values of a column could be, empty if none."""
    return next((key for key in _RANGES if _fits(sheet, header, key)), "")


def _fits(sheet: Sheet, header: str, key: str) -> bool:
    """Return whether most values of a column could be this coordinate."""
    at = sheet.headers.index(header)
    cells = [row.cells[at] for row in sheet.rows[:_SAMPLE_ROWS] if row.cells[at] not in {None, ""}]
    if not cells:
        return False
    sign, (least, most) = decimal_sign_of(cells), _RANGES[key]
    good = 0
    for cell in cells:
        text = cell
        if isinstance(cell, str) and "°" in cell and key in {"lon", "lat"}:
            text = cell.split("°")[0]
        try:
            number_of(text, sign, least, most)
        except CellError:
            continue
        good += 1
    return good >= _MOSTLY * len(cells)


_EXACT = _known(_exact)
_BARE = _known(_bare)
