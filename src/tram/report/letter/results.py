"""Section 2: what was built: stations, devices, and what the figures mean."""

from decimal import Decimal

from tram.domain.sectors import SECTOR_NAMES
from tram.report.formats import (
    day_short,
    decimal_text,
    number_text,
)
from tram.report.letter.citations import Citations
from tram.report.letter.content import (
    Block,
    Caption,
    Cell,
    Column,
    Grid,
    Item,
    Paragraph,
    Point,
    Section,
)
from tram.report.letter.targets import ratio_target, zones_target
from tram.report.sources import DeviceFigures, Sources
from tram.rollout.inventory.surveys.surveys import SURVEYED
from tram.rollout.inventory.views import CountRow, CountTable

__all__ = ("NO_FIGURES", "results")

NO_FIGURES = "chưa có số liệu"
_STATED = "stated"


def results(sources: Sources, texts: dict[str, str], citations: Citations) -> list[Block]:
    """Return section 2 with its tables."""
    return [
        Section(
            "2. Kết quả triển khai hạ tầng 5G, IoT trong các khu công nghiệp, cụm công nghiệp"
        ),
        Point("a) Hạ tầng 5G"),
        *_stations(sources, texts),
        Point("b) Hạ tầng IoT"),
        *_devices(sources, texts),
        Point("c) Đánh giá chung"),
        *_assessment(sources, texts, citations),
    ]


def _stations(sources: Sources, texts: dict[str, str]) -> list[Block]:
    counts = sources.counts
    blocks: list[Block] = [
        Item(texts["stations.infrastructure"], "stations.infrastructure"),
        Item(_on_air(sources, texts["stations.area"]), "stations.area"),
    ]
    grown = _growth(sources)
    if grown:
        blocks.append(Item(grown))
    surveyed = [source.text for source in counts.sources if source.text.startswith(SURVEYED)]
    if surveyed:
        blocks.append(Item(f"Nguồn số liệu: {'; '.join(surveyed)}."))
    return [
        *blocks,
        Caption(
            f"Bảng 1. Số trạm BTS 4G, 5G trên địa bàn {sources.province.full_name}", _as_of(counts)
        ),
        _station_grid(counts),
    ]


def _on_air(sources: Sources, area: str) -> str:
    """Return who has 5G where; the number belongs to the province, as the table's does."""
    counts = sources.counts
    with_5g = sorted(
        (row for row in counts.rows if row.stations_5g),
        key=lambda row: (-(row.stations_5g or 0), row.name),
    )
    if not with_5g or counts.total_5g is None:
        return f"Số trạm 5G trên địa bàn tỉnh: {NO_FIGURES}."
    names = ", ".join(
        f"{row.name} {sources.province.name} ({number_text(row.stations_5g or 0)} trạm)"
        for row in with_5g
    )
    # Counts from before the period are not "now".
    is_new = max(counts.dates) >= sources.since
    when = "Hiện nay" if is_new else f"Theo số liệu gần nhất (ngày {day_short(max(counts.dates))})"
    return (
        f"{when}, mạng 5G đã được {names} triển khai phủ sóng tại {area}; tổng số trên địa bàn "
        f"tỉnh là {number_text(counts.total_5g)} trạm BTS 5G (Bảng 1)."
    )


def _growth(sources: Sources) -> str:
    """Return how many stations the period added, where an earlier count tells."""
    before, now = sources.before, sources.counts
    if not before.dates or before.dates == now.dates or before.missing or now.missing:
        return ""
    added = (now.total_5g or 0) - (before.total_5g or 0)
    word = "tăng" if added >= 0 else "giảm"
    return (
        f"So với số liệu ngày {day_short(before.dates[-1])} ({number_text(before.total_5g or 0)} "
        f"trạm), số trạm BTS 5G {word} {number_text(abs(added))} trạm."
    )


def _as_of(counts: CountTable) -> str:
    """Return the date line of the table: a stated date, or that of the paper that reported it."""
    if not counts.dates:
        return f"({NO_FIGURES})"
    days = ", ".join(day_short(day) for day in counts.dates)
    if set(counts.marks) == {_STATED}:
        return f"(số liệu tính đến ngày {days})"
    return f"(số liệu theo báo cáo ngày {days})"


def _station_grid(counts: CountTable) -> Grid:
    ratio = counts.total_ratio_percent
    return Grid(
        name="stations",
        columns=[
            Column(14, "center"),
            Column(42, "left"),
            Column(32, "right"),
            Column(32, "right"),
            Column(36, "right"),
        ],
        head=[
            [
                Cell("STT", rows=2),
                Cell("Doanh nghiệp", rows=2),
                Cell("Số trạm BTS hiện có", columns=2),
                Cell("Tỷ lệ (%) 5G/4G", rows=2),
            ],
            [Cell("4G"), Cell("5G")],
        ],
        rows=[_station_row(number, row) for number, row in enumerate(counts.rows, start=1)],
        total=[
            "",
            "Tổng cộng",
            _count(counts.total_4g),
            _count(counts.total_5g),
            _share(ratio),
        ],
    )


def _station_row(number: int, row: CountRow) -> list[str]:
    ratio = row.ratio_percent
    return [
        str(number),
        row.name,
        _count(row.stations_4g),
        _count(row.stations_5g),
        _share(ratio),
    ]


def _count(number: int | None) -> str:
    return NO_FIGURES if number is None else number_text(number)


def _share(percent: Decimal | None) -> str:
    return NO_FIGURES if percent is None else decimal_text(percent, 2)


def _devices(sources: Sources, texts: dict[str, str]) -> list[Block]:
    uses: list[Block] = [
        Item(texts[key], key)
        for key in ("iot.agriculture", "iot.environment", "iot.traffic")
        if texts[key]
    ]
    return [
        Paragraph(texts["iot.intro"], "iot.intro"),
        *uses,
        *_connected(sources),
    ]


def _connected(sources: Sources) -> list[Block]:
    """Return what the platform counts by itself; before the first device it says so."""
    platform = "nền tảng quản lý và kết nối thiết bị IoT của tỉnh"
    day = day_short(sources.as_of)
    devices = sources.devices
    if not devices.devices:
        return [Item(f"Số thiết bị, số trạm kết nối {platform} đến ngày {day}: {NO_FIGURES}.")]
    return [
        Item(
            f"Đến ngày {day}, {number_text(devices.devices)} thiết bị đã kết nối {platform} (Bảng 2)."
        ),
        Caption(
            f"Bảng 2. Thiết bị kết nối {platform}",
            f"(số liệu từ ngày {day_short(sources.since)} đến ngày {day})",
        ),
        _device_grid(devices),
    ]


def _device_grid(devices: DeviceFigures) -> Grid:
    rows = [
        [
            str(number),
            SECTOR_NAMES["vi"].get(sector.sector, sector.sector),
            number_text(sector.places),
            number_text(sector.devices),
            _share(sector.active_percent),
        ]
        for number, sector in enumerate(devices.sectors, start=1)
    ]
    return Grid(
        name="devices",
        columns=[
            Column(14, "center"),
            Column(46, "left"),
            Column(32, "right"),
            Column(30, "right"),
            Column(34, "right"),
        ],
        head=[
            [
                Cell("STT"),
                Cell("Lĩnh vực"),
                Cell("Số trạm (vị trí lắp đặt)"),
                Cell("Số thiết bị"),
                Cell("Tỷ lệ ngày có dữ liệu (%)"),
            ]
        ],
        rows=rows,
        total=[
            "",
            "Tổng cộng",
            number_text(sum(sector.places for sector in devices.sectors)),
            number_text(devices.devices),
            _share(devices.active_percent),
        ],
    )


def _assessment(sources: Sources, texts: dict[str, str], citations: Citations) -> list[Block]:
    iot = "assessment.iot-connected" if sources.devices.devices else "assessment.iot"
    found: list[tuple[str, str]] = [
        (zones_target(sources, texts["assessment.parks"], citations), "assessment.parks"),
        (ratio_target(sources, texts, citations), "assessment.reasons"),
        (texts[iot], iot),
    ]
    return [Item(text, key) for text, key in found if text]
