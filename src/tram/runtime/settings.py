"""Settings as classes: what a subject declares is read from one file and the environment.

Order of precedence: ``TRAM_<SUBJECT>_<FIELD>`` in the environment, then ``tram.toml`` in the data
folder, then the default of the class, which stands in the room that obeys it (``settings.py``).
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import Field, field, fields
from pathlib import Path
from typing import Any

from tram.runtime.errors import Fault, Refused

__all__ = ("commented", "read_settings", "setting")


def setting(default: Any, doc: str, least: int | None = None) -> Any:  # noqa: ANN401  # dataclass field of any type
    """Declare a setting with its documentation and its least allowed value."""
    return field(default=default, metadata={"doc": doc, "least": least})


def read_settings(
    subjects: Sequence[type], file: Path, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read the file (it may be absent) and the environment; list every wrong setting at once.

    Returns:
        An object of each class by the name of its subject: ``WebSettings`` are those of ``web``.

    Raises:
        Refused: with one fault per wrong or unknown setting.
    """
    environment = os.environ if environment is None else environment
    faults: list[Fault] = []
    written = _read_file(file, faults)
    found: dict[str, Any] = {}
    for subject_class in subjects:
        subject = _subject_name(subject_class)
        table = written.pop(subject, {})
        found[subject] = _read_subject(subject_class, table, environment, faults)
    faults += [Fault(name, "settings.subject") for name in written]
    if faults:
        raise Refused(
            "settings.wrong",
            "Some settings are wrong: " + "; ".join(f"{f.field}: {f.sentence}" for f in faults),
            f"Mend them in {file} or in the environment.",
            tuple(faults),
        )
    return found


def commented(subjects: Sequence[type]) -> str:
    """Return a settings file with every default, each with its meaning above it."""
    lines: list[str] = []
    for subject_class in subjects:
        lines += [f"# {subject_class.__doc__}", f"[{_subject_name(subject_class)}]"]
        for item in fields(subject_class):
            value = str(item.default).lower() if item.type is bool else repr(item.default)
            lines += [
                f"# {item.metadata['doc']}",
                f"{item.name} = {value.replace(chr(39), chr(34))}",
            ]
        lines.append("")
    return "\n".join(lines)


def _subject_name(subject_class: type) -> str:
    return subject_class.__name__.removesuffix("Settings").lower()


def _read_file(file: Path, faults: list[Fault]) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(str(file), "settings.file", {"problem": str(error)}))
        return {}


def _read_subject(
    subject_class: type, table: object, environment: Mapping[str, str], faults: list[Fault]
) -> object:
    subject = _subject_name(subject_class)
    given = dict(table) if isinstance(table, dict) else {}
    values: dict[str, Any] = {}
    for item in fields(subject_class):
        name = f"{subject}.{item.name}"
        variable = f"TRAM_{subject}_{item.name}".upper()
        if item.name in given:
            values[item.name] = _checked(item, name, given.pop(item.name), faults)
        if variable in environment:
            values[item.name] = _checked(item, variable, environment[variable], faults)
    faults += [Fault(f"{subject}.{name}", "settings.unknown") for name in given]
    return subject_class(**values)


def _checked(item: Field[Any], name: str, value: object, faults: list[Fault]) -> object:
    """Return the value in the field's type; on a fault note it and return the default."""
    try:
        result = _converted(item.type, value)
    except ValueError:
        wanted = getattr(item.type, "__name__", item.type)
        faults.append(Fault(name, "settings.type", {"value": repr(value), "wanted": str(wanted)}))
        return item.default
    least = item.metadata["least"]
    if least is not None and isinstance(result, int) and result < least:
        faults.append(Fault(name, "settings.least", {"value": result, "least": least}))
    return result


def _converted(wanted: object, value: object) -> object:
    if wanted is bool:
        words = {"true": True, "false": False, "1": True, "0": False}
        if str(value).lower() not in words:
            raise ValueError(value)
        return words[str(value).lower()]
    if wanted is int:
        if isinstance(value, bool | float):
            raise ValueError(value)
        return int(str(value))
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004  # one family of faults for the caller
    return value
