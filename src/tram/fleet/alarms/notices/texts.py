"""What a notice says, in the language of the person who gets it."""

from tram.domain.days import moment_of
from tram.domain.text import one_line
from tram.runtime.i18n import N_, catalog_of

__all__ = ("severity_word", "subject_and_text")

_SEVERITIES = (N_("info"), N_("warning"), N_("major"), N_("critical"))
_LINES = {
    "alarm": N_("ALARM (%(severity)s): %(rule)s"),
    "clear": N_("Over: %(rule)s"),
    "test": N_("Test notice: everything works"),
    "digest": N_("%(held)s further alarms were held back in the last 10 minutes"),
    "device": N_("Device: %(device)s (%(org)s)"),
    "value": N_("Value: %(value)s"),
    "since": N_("Since: %(since)s"),
    "link": N_("See and acknowledge: %(link)s"),
    "drill": N_("DRILL. This is not a real incident."),
    "synthetic": N_("Simulated data."),
}


def severity_word(severity: int, locale: str) -> str:
    """Return the word for a severity."""
    return catalog_of(locale).gettext(_SEVERITIES[severity])


def subject_and_text(kind: str, about: dict[str, object], locale: str) -> tuple[str, str]:
    """Return subject and text of a notice about an alarm; a name can add no line to it."""
    words = {key: catalog_of(locale).gettext(line) for key, line in _LINES.items()}
    filled = {
        key: one_line(value) if isinstance(value, str) else value for key, value in about.items()
    }
    filled["severity"] = severity_word(int(str(about.get("severity", 0))), locale)
    subject = words[kind] % filled
    lines = [subject]
    if kind in ("alarm", "clear"):
        started_ms = int(str(about["started_ms"]))
        since = moment_of(started_ms)
        filled["since"] = f"{since:%d/%m/%Y %H:%M:%S}" if since else f"{started_ms} ms"
        names = ["device", "since", "link"]
        if about.get("value") is not None:
            names.insert(1, "value")
        lines += [words[name] % filled for name in names]
    elif about.get("link"):
        lines.append(words["link"] % filled)
    for mark in ("drill", "synthetic"):
        if about.get(mark):
            lines.append(words[mark])
            subject = f"[{words[mark].rstrip('.').split('.')[0]}] {subject}"
    return subject, "\n".join(lines) + "\n"
