"""The folder of a province: where it lies, which one an installation keeps, and what it holds.

A new installation takes the province that its settings name and keeps it in its data folder: a
shipped one by name, so that later versions mend it, another one as a copy. What is wrong in a folder
is told all at once, by file and field. See docs/adding-a-province.md.
"""

import shutil
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

import tram
from tram.app.installation.province_faults import faults_in
from tram.domain.province import Commune, LetterFacts, Province, csv_rows, facts_of
from tram.runtime.errors import Fault, Refused

__all__ = ("chosen_folder", "keep_province", "kept_folder", "read_province")

_SHIPPED = Path(tram.__file__).parent / "provinces"
_FACTS = "province.toml"
_FORMER = "quang-ngai"
"""The province of every installation that was made before provinces were data."""
_NEEDED = (
    *(_FACTS, "letter.json", "communes.csv", "organisations.json", "zones.csv"),
    *("operators.json", "counts.json", "targets.json"),
    *("documents.json", "tasks.json", "recommendations.json"),
    *("places.json", "spot_heights.csv"),
)
_OPTIONAL = ("coast.geojson", "printed_letter.json")


def chosen_folder(chosen: str) -> Path:
    """Return the folder that a setting names: a shipped province, or the path of another one.

    Raises:
        Refused: ``province.unknown`` where there is none, ``province.wrong`` with all its faults.
    """
    folder = Path(chosen).expanduser().absolute() if "/" in chosen else _SHIPPED / chosen
    read_province(folder)
    return folder


def keep_province(kept: Path, folder: Path) -> None:
    """Keep a province in a data folder."""
    kept.mkdir(mode=0o700, exist_ok=True)
    if folder.parent == _SHIPPED:
        (kept / _FACTS).write_text(f'shipped = "{folder.name}"\n', encoding="utf-8")
        return
    for name in _files(folder):
        shutil.copyfile(folder / name, kept / name)


def kept_folder(kept: Path) -> Path:
    """Return the folder of the province that a data folder keeps."""
    try:
        shipped = tomllib.loads((kept / _FACTS).read_text(encoding="utf-8")).get("shipped")
    except FileNotFoundError:
        return _SHIPPED / _FORMER
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return kept  # reading it tells what is wrong
    return _SHIPPED / str(shipped) if shipped else kept


@cache
def read_province(folder: Path) -> Province:
    """Read and check the folder of a province.

    Raises:
        Refused: ``province.unknown`` where there is none, ``province.wrong`` with all its faults.
    """
    if not (folder / _FACTS).is_file():
        raise Refused(
            "province.unknown",
            f"{folder} is no folder of a province.",
            "Give the name of a shipped province or the path of a folder with province.toml.",
        )
    files = {name: (folder / name).read_bytes() for name in _files(folder)}
    missing = [Fault(name, "province.file") for name in _NEEDED if name not in files]
    faults = missing or faults_in(files)
    if faults:
        raise Refused(
            "province.wrong",
            f"The province in {folder} is wrong: "
            + "; ".join(f"{fault.field}: {fault.sentence}" for fault in faults),
            "Mend the files; docs/adding-a-province.md says what each holds.",
            tuple(faults),
        )
    facts = facts_of(files[_FACTS])
    return Province(
        **{name: getattr(facts, name) for name in facts.__struct_fields__},
        letter=msgspec.json.decode(files["letter.json"], type=LetterFacts),
        communes=tuple(
            msgspec.convert(row, Commune, strict=False) for row in csv_rows(files["communes.csv"])
        ),
        files=files,
    )


def _files(folder: Path) -> Iterator[str]:
    return (name for name in (*_NEEDED, *_OPTIONAL) if (folder / name).is_file())
