"""The backup's file and its sealed keys: what comes out is what went in, or nothing."""

import tarfile
from pathlib import Path

import pytest

from tram.app.installation.backup_file import BACKUP_FORMAT, BackupManifest, pack, unpack
from tram.app.installation.block_file import BlockFileWriter, read_blocks
from tram.app.installation.sealing import seal, unseal
from tram.runtime.errors import Broken, Refused

PASSPHRASE = "một câu dễ nhớ"
EMPTY = BackupManifest(BACKUP_FORMAT, "0", 0, 0, 0, 0, {})


def make_backup(folder: Path) -> Path:
    parts = folder / "parts"
    (parts / "store").mkdir(parents=True)
    (parts / "store" / "readings").write_bytes(b"all of them")
    (parts / "registry.db").write_bytes(b"registry")
    out = folder / "backup.tar"
    pack(parts, out, EMPTY)
    return out


def test_a_backup_gives_back_every_part(tmp_path: Path) -> None:
    backup = make_backup(tmp_path)

    manifest = unpack(backup, tmp_path / "out")

    assert set(manifest.parts) == {"store/readings", "registry.db"}
    assert (tmp_path / "out" / "store" / "readings").read_bytes() == b"all of them"
    assert backup.stat().st_mode & 0o077 == 0


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    backup = make_backup(tmp_path)
    backup.write_bytes(backup.read_bytes().replace(b"all of them", b"all of then"))

    with pytest.raises(Broken, match="store/readings"):
        unpack(backup, tmp_path / "out")


def test_a_smuggled_part_is_found(tmp_path: Path) -> None:
    backup = make_backup(tmp_path)
    (tmp_path / "extra").write_text("?")
    with tarfile.open(backup, "a") as tar:
        tar.add(tmp_path / "extra", arcname="keys/extra")

    with pytest.raises(Broken, match="keys/extra"):
        unpack(backup, tmp_path / "out")


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 999)

    with pytest.raises(Refused, match="is no backup"):
        unpack(tmp_path / "photo.jpg", tmp_path / "out")
    with pytest.raises(Refused, match="There is no backup"):
        unpack(tmp_path / "absent", tmp_path / "out")


def test_keys_come_out_with_their_passphrase_only() -> None:
    keys = {"hmac.key": bytes(range(32)), "ops.key": b"x"}
    sealed = seal(keys, PASSPHRASE)

    assert unseal(sealed, PASSPHRASE) == keys
    assert bytes(range(32)) not in sealed
    with pytest.raises(Refused, match="does not open"):
        unseal(sealed, PASSPHRASE + ".")
    with pytest.raises(Refused, match="does not open"):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), PASSPHRASE)
    with pytest.raises(Broken):
        unseal(b"something else", PASSPHRASE)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(Refused, match="12 characters"):
        seal({}, "short")


def test_blocks_come_back_in_order_and_a_cut_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "blocks.bin"
    with BlockFileWriter(path) as blocks:
        blocks.add(7, b"one")
        blocks.add(9, b"two")

    assert list(read_blocks(path)) == [(7, b"one"), (9, b"two")]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Broken, match="within a block"):
        list(read_blocks(path))
