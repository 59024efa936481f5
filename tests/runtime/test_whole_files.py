"""A file is replaced whole or not at all."""

from pathlib import Path

import pytest

from tram.runtime.whole_files import replacing, write_private, write_whole


def test_a_private_file_is_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "key"
    write_private(file, b"one")
    write_private(file, b"two")

    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_fault_leaves_the_file_that_was(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_whole(path, b"old")
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines((b"ne", "w"))

    assert path.read_bytes() == b"old"
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
