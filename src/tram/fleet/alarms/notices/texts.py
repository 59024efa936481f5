"""What a notice says, in the language of the person who gets it."""

from tram.domain.days import moment_of
from tram.domain.text import one_line
from tram.fleet.rules.kinds import SEVERITIES

__all__ = ("severity_word", "subject_and_text")

_SEVERITIES = {
    "vi": ("thông tin", "cảnh báo", "nghiêm trọng", "khẩn cấp"),
    "en": SEVERITIES,
}
_LINES = {
    "vi": {
        "alarm": "CẢNH BÁO ({severity}): {rule}",
        "clear": "Đã hết: {rule}",
        "test": "Thử thông báo: mọi thứ hoạt động",
        "digest": "{held} cảnh báo khác bị giữ lại trong 10 phút qua",
        "device": "Thiết bị: {device} ({org})",
        "value": "Giá trị: {value}",
        "since": "Từ: {since}",
        "link": "Xem và xác nhận: {link}",
        "drill": "DIỄN TẬP. Không phải sự cố thật.",
        "synthetic": "Dữ liệu mô phỏng.",
    },
    "en": {
        "alarm": "ALARM ({severity}): {rule}",
        "clear": "Over: {rule}",
        "test": "Test notice: everything works",
        "digest": "{held} further alarms were held back in the last 10 minutes",
        "device": "Device: {device} ({org})",
        "value": "Value: {value}",
        "since": "Since: {since}",
        "link": "See and acknowledge: {link}",
        "drill": "DRILL. This is not a real incident.",
        "synthetic": "Simulated data.",
    },
}


def severity_word(severity: int, locale: str) -> str:
    """Return the word for a severity."""
    return _SEVERITIES["vi" if locale == "vi" else "en"][severity]


def subject_and_text(kind: str, about: dict[str, object], locale: str) -> tuple[str, str]:
    """Return subject and text of a notice about an alarm; a name can add no line to it."""
    words = _LINES["vi" if locale == "vi" else "en"]
    filled = {
        key: one_line(value) if isinstance(value, str) else value for key, value in about.items()
    }
    filled["severity"] = severity_word(int(str(about.get("severity", 0))), locale)
    subject = words[kind].format(**filled)
    lines = [subject]
    if kind in ("alarm", "clear"):
        started_ms = int(str(about["started_ms"]))
        since = moment_of(started_ms)
        filled["since"] = f"{since:%d/%m/%Y %H:%M:%S}" if since else f"{started_ms} ms"
        names = ["device", "since", "link"]
        if about.get("value") is not None:
            names.insert(1, "value")
        lines += [words[name].format(**filled) for name in names]
    elif about.get("link"):
        lines.append(words["link"].format(**filled))
    for mark in ("drill", "synthetic"):
        if about.get(mark):
            lines.append(words[mark])
            subject = f"[{words[mark].rstrip('.').split('.')[0]}] {subject}"
    return subject, "\n".join(lines) + "\n"
