"""What the letter says: part A of the original from the registers, and any other day."""

from datetime import date
from pathlib import Path

import msgspec

from tests.provinces import QUANG_NGAI
from tests.report.july import July, gatherer_of, shipped_registry
from tram.report.letter.compose import compose
from tram.report.letter.content import Caption, Grid, Item, Point, Section, letter_text
from tram.report.sources import DeviceFigures, SectorFigures, Sources
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.views import NewCount, Source

DIRECTIVES = [
    "Kế hoạch số 359-KH/TU ngày 29/4/2025 của Tỉnh ủy Quảng Ngãi về thực hiện",
    "Kế hoạch số 252/KH-UBND ngày 31/12/2024 của UBND tỉnh Quảng Ngãi về Phát triển hạ tầng số",
    "Kế hoạch số 327/KH-UBND ngày 26/5/2025 của UBND tỉnh Quảng Ngãi về ban hành",
    "Công văn số 2763/UBND-KGVX ngày 12/5/2025 của UBND tỉnh Quảng Ngãi về đề nghị",
    "Thông báo số 167/TB-UBND ngày 03/4/2025 của UBND tỉnh Quảng Ngãi về Kết luận",
]


def test_letter_answers_the_request_and_names_it_in_full(july: July) -> None:
    opening = letter_text(july.letter)[0]

    assert opening.startswith(
        "Thực hiện Công văn số 3228/CVT-TTĐLCL ngày 22/7/2025 của Cục Viễn thông về việc xây dựng"
    )
    assert opening.endswith("báo cáo kết quả triển khai như sau:")


def test_sections_and_points_stand_in_the_order_of_the_original(july: July) -> None:
    titles = [b.text for b in july.letter.body if isinstance(b, Section | Point)]

    assert titles == [
        "1. Công tác chỉ đạo triển khai trên địa bàn tỉnh",
        "2. Kết quả triển khai hạ tầng 5G, IoT trong các khu công nghiệp, cụm công nghiệp",
        "a) Hạ tầng 5G",
        "b) Hạ tầng IoT",
        "c) Đánh giá chung",
        "3. Tiến độ thực hiện, dự kiến hoàn thành xây dựng Kế hoạch",
        "4. Kiến nghị và đề xuất",
    ]


def test_directives_are_cited_in_the_order_of_the_letter_with_the_task(july: July) -> None:
    items = [b.text for b in july.letter.body if isinstance(b, Item)]

    for item, start in zip(items, DIRECTIVES, strict=False):
        assert item.startswith(start)
    assert "giao Ban Quản lý Khu Kinh tế Dung Quất và các KCN Quảng Ngãi chủ trì" in items[4]
    assert items[4].endswith("phục vụ phát triển kinh tế số.")


def test_table_is_complete_and_in_the_vietnamese_format(july: July) -> None:
    assert july.stations.rows == [
        ["1", "MobiFone", "813", "4", "0,49"],
        ["2", "VNPT", "826", "19", "2,30"],
        ["3", "Viettel", "996", "92", "9,24"],
    ]
    assert july.stations.total == ["", "Tổng cộng", "2.635", "115", "4,36"]
    caption = next(b for b in july.letter.body if isinstance(b, Caption))
    assert caption.text.startswith("Bảng 1. ")
    assert caption.as_of == "(số liệu theo báo cáo ngày 30/7/2025)"


def test_target_is_told_with_source_base_gap_and_pace(july: July) -> None:
    for said in (
        "Quyết định số 912/QĐ-BKHCN ngày 18/5/2025 của Bộ Khoa học và Công nghệ",
        "khó có thể đạt được",
        "4,36% (115/2.635 trạm)",
        "cần 1.318 trạm 5G, còn thiếu 1.203 trạm trong 154 ngày",
        "7,8 trạm/ngày",
        "100% khu kinh tế, khu công nghiệp, cụm công nghiệp có mạng 5G",
    ):
        assert said in july.text


def test_before_the_first_device_the_letter_says_so(july: July) -> None:
    assert "đến ngày 30/7/2025: chưa có số liệu." in july.text
    assert "chưa có nền tảng quản lý và kết nối thiết bị IoT quy mô lớn" in july.text


def test_schedule_tells_the_state_of_the_day(july: July) -> None:
    assert "đang rà soát hiện trạng" in july.text
    assert "“Kế hoạch triển khai hạ tầng 5G và IoT tại các khu công nghiệp" in july.text
    assert (
        "tham mưu Ủy ban nhân dân tỉnh, dự kiến trong tháng 8/2025, bảo đảm tiến độ" in july.text
    )


def test_requests_and_closing_end_the_letter_without_personal_data(july: July) -> None:
    texts = letter_text(july.letter)

    assert "kính đề nghị Cục Viễn thông:" in texts[-7]
    assert [text.split()[0] for text in texts[-6:-2]] == ["Ban", "Ban", "Giới", "Tổ"]
    assert texts[-2].startswith("Đầu mối liên hệ: phòng Bưu chính – Viễn thông")
    assert texts[-1].endswith("tổng hợp, báo cáo./.")


def test_number_date_and_signature_stay_empty(july: July) -> None:
    heading = july.letter.heading

    assert heading.number == "Số:        /SKHCN-BCVT&CĐS"
    assert heading.place_and_date == "Quảng Ngãi, ngày … tháng … năm 2025"
    assert july.letter.closing.signer == ["KT. Giám đốc", "Phó Giám đốc"]


def test_after_the_deadlines_days_are_told_and_never_a_pace(july: July) -> None:
    late = compose(_later(july.sources, date(2025, 9, 3)))

    text = "\n".join(letter_text(late))
    assert "chưa tham mưu Ủy ban nhân dân tỉnh; quá hạn 3 ngày (thời hạn 31/8/2025)" in text


async def test_a_later_count_extends_the_letter(tmp_path: Path) -> None:
    registry, system, clock = await shipped_registry(tmp_path)
    counts = Inventory(registry.database, clock, QUANG_NGAI).counts
    for operator in await counts.operators(system):
        for technology, count in (("4G", 900), ("5G", 500)):
            await counts.enter(system, _count(operator.id, technology, count))
    day = date(2025, 12, 31)
    sources = await gatherer_of(registry, clock).gather(system, day, date(2025, 8, 1), {})
    await registry.close()

    text = "\n".join(letter_text(compose(sources)))

    assert "So với số liệu ngày 30/7/2025 (115 trạm), số trạm BTS 5G tăng 1.385 trạm." in text
    assert "Đối với chỉ tiêu số trạm 5G" in text
    assert "thì tỉnh đã đạt" in text
    assert "Nguyên nhân" not in text


async def test_counts_from_before_the_period_are_not_called_current(tmp_path: Path) -> None:
    registry, system, clock = await shipped_registry(tmp_path)
    day = date(2026, 3, 31)
    sources = await gatherer_of(registry, clock).gather(system, day, date(2026, 3, 1), {})
    await registry.close()

    text = "\n".join(letter_text(compose(sources)))

    assert "Theo số liệu gần nhất (ngày 30/7/2025), mạng 5G" in text
    assert "đã quá hạn 90 ngày mà chưa có số liệu tại thời hạn" in text
    assert "trạm/ngày" not in text
    assert "có thể thực hiện được" not in text


def test_devices_of_the_platform_stand_in_a_table_by_sector(july: July) -> None:
    figures = DeviceFigures(
        sectors=[
            SectorFigures(
                sector="environment", places=3, devices=7, registered_days=200, active_days=197
            ),
            SectorFigures(
                sector="energy", places=1, devices=2, registered_days=50, active_days=None
            ),
        ],
        synthetic=200,
    )
    letter = compose(msgspec.structs.replace(july.sources, devices=figures))

    grid = [block for block in letter.body if isinstance(block, Grid)][1]
    assert grid.rows == [
        ["1", "Môi trường", "3", "7", "98,50"],
        ["2", "Năng lượng", "1", "2", "chưa có số liệu"],
    ]
    assert grid.total == ["", "Tổng cộng", "4", "9", "chưa có số liệu"]
    text = "\n".join(letter_text(letter))
    assert "Bảng 2. Thiết bị kết nối" in text
    assert "chưa có nền tảng quản lý" not in text


def test_nothing_known_yet_is_said_and_never_invented(july: July) -> None:
    empty = msgspec.structs.replace(
        july.sources,
        counts=msgspec.structs.replace(
            july.sources.counts,
            rows=[],
            total_4g=None,
            total_5g=None,
            total_ratio_percent=None,
            dates=[],
        ),
        standings=[],
        documents=[],
        tasks=[],
        recommendations=[],
    )
    text = "\n".join(letter_text(compose(empty)))

    assert "Số trạm 5G trên địa bàn tỉnh: chưa có số liệu." in text
    assert "hiện không có kiến nghị, đề xuất" in text


def _later(sources: Sources, day: date) -> Sources:
    tasks = [
        msgspec.structs.replace(task, days_over=max((day - task.deadline).days, 0))
        if task.deadline
        else task
        for task in sources.tasks
    ]
    return msgspec.structs.replace(sources, as_of=day, tasks=tasks)


def _count(operator: int, technology: str, count: int) -> NewCount:
    return NewCount(
        operator=operator,
        technology=technology,
        count=count,
        as_of=date(2025, 12, 20),
        as_of_mark="stated",
        source=Source("Báo cáo của doanh nghiệp"),
    )
