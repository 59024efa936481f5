"""Tiles of elevation from a bucket: resumed, checked, and named by their corner."""

import hashlib
import http.server
import json
import threading
from typing import ClassVar

import numpy as np
import pytest

from tests.rollout.terrain.rasters import write_tiff
from tram.rollout.terrain import fetch
from tram.rollout.terrain.fetch import fetch_tiles, tile_names
from tram.rollout.terrain.importing import BoundingBox, import_mosaic
from tram.rollout.terrain.mosaic import open_mosaic
from tram.runtime.errors import Refused, Unavailable


class Bucket(http.server.BaseHTTPRequestHandler):
    """A bucket that breaks off once in the middle of each tile."""

    tiles: ClassVar[dict[str, bytes]] = {}
    broken: ClassVar[set[str]] = set()
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        name = self.path.rsplit("/", 1)[1].removesuffix(".tif")
        if name not in self.tiles:
            self.send_error(404)
            return
        content = self.tiles[name]
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        self.asked.append(f"{name}@{start}")
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
        self.end_headers()
        if name not in self.broken:
            self.broken.add(name)
            self.wfile.write(content[start : len(content) // 2])
            self.close_connection = True
            return
        self.wfile.write(content[start:])

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def bucket():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Bucket.broken, Bucket.asked = set(), []
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_tiles_are_fetched_on_from_where_they_broke(bucket, tmp_path):
    area = BoundingBox(108.2, 15.1, 109.5, 15.9)
    land, sea = tile_names(area)
    assert land == "Copernicus_DSM_COG_10_N15_00_E108_00_DEM"
    heights = np.full((60, 60), 42, np.float32)
    write_tiff(tmp_path / "tile.tif", heights, 108.0, 16.0, 1 / 60)
    Bucket.tiles = {land: (tmp_path / "tile.tif").read_bytes()}
    words = []
    files = fetch_tiles(tmp_path / "tiles", area, words.append, bucket)
    assert [file.read_bytes() for file in files] == [Bucket.tiles[land]]
    assert Bucket.asked[0].endswith("@0")
    assert not Bucket.asked[1].endswith("@0"), "it went on, not anew"
    assert words[1] == f"{sea}: open sea, no tile"
    Bucket.asked = []
    assert fetch_tiles(tmp_path / "tiles", area, words.append, bucket) == files
    assert Bucket.asked == [], "what is whole is not fetched again"
    files[0].write_bytes(b"damaged")
    fetch_tiles(tmp_path / "tiles", area, words.append, bucket)
    assert files[0].read_bytes() == Bucket.tiles[land]
    import_mosaic(tmp_path / "m", files, area=BoundingBox(108.3, 15.2, 108.6, 15.5), cell_m=90.0)
    assert open_mosaic(tmp_path / "m").ground.mean() == pytest.approx(42)


def test_a_server_that_is_away_is_said(tmp_path):
    with pytest.raises(Unavailable, match="could not be fetched"):
        fetch_tiles(tmp_path, BoundingBox(108.2, 15.1, 108.5, 15.9), print, "http://127.0.0.1:9")


class Odd(http.server.BaseHTTPRequestHandler):
    """A server that answers as ``answers`` says: status, headers and body, in turn."""

    answers: ClassVar[list[tuple[int, dict[str, str], bytes]]] = []
    ranges: ClassVar[list[str]] = []

    def do_GET(self):
        self.ranges.append(self.headers.get("Range", ""))
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def odd():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    Odd.ranges = []
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


ONE = BoundingBox(108.2, 15.1, 108.5, 15.9)
TILE = "Copernicus_DSM_COG_10_N15_00_E108_00_DEM"


def tag_of(body: bytes) -> dict[str, str]:
    return {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}


def test_a_tile_that_is_not_what_was_announced_is_thrown_away(odd, tmp_path):
    Odd.answers = [(200, tag_of(b"right"), b"wrong")]
    with pytest.raises(Refused, match=f"{TILE} arrived damaged") as caught:
        fetch_tiles(tmp_path, ONE, print, odd)
    assert caught.value.code == "terrain.fetch_damaged"
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob("*.tif"))


def test_a_tag_of_an_object_in_pieces_is_no_checksum(odd, tmp_path):
    Odd.answers = [(200, {"ETag": '"0123456789abcdef0123456789abcdef-2"'}, b"tile")]
    (file,) = fetch_tiles(tmp_path, ONE, print, odd)
    assert file.read_bytes() == b"tile"
    (note,) = json.loads((tmp_path / "fetched.json").read_bytes())
    assert note == {"name": TILE, "bytes": 4, "sha256": hashlib.sha256(b"tile").hexdigest()}


def test_a_part_longer_than_the_tile_is_begun_anew(odd, tmp_path):
    (tmp_path / f"{TILE}.part").write_bytes(b"much too long")
    Odd.answers = [(416, {}, b""), (200, tag_of(b"tile"), b"tile")]
    (file,) = fetch_tiles(tmp_path, ONE, print, odd)
    assert file.read_bytes() == b"tile"
    assert Odd.ranges == ["bytes=13-", ""]


def test_a_server_that_knows_no_ranges_sends_the_whole_again(odd, tmp_path):
    (tmp_path / f"{TILE}.part").write_bytes(b"ti")
    Odd.answers = [(200, tag_of(b"tile"), b"tile")]
    (file,) = fetch_tiles(tmp_path, ONE, print, odd)
    assert file.read_bytes() == b"tile"


def test_more_than_a_tile_can_be_is_not_taken(odd, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TILE_BYTES_MAX", 3)
    Odd.answers = [(200, {}, b"tile")]
    with pytest.raises(Unavailable, match="could not be fetched in 5 tries"):
        fetch_tiles(tmp_path, ONE, print, odd)
    assert len(Odd.ranges) == 5
    assert not list(tmp_path.glob("*.tif"))


@pytest.mark.parametrize(
    ("box", "names"),
    [
        ((108.2, 15.1, 108.9, 15.9), ["N15_00_E108"]),
        ((108.0, 15.0, 109.0, 16.0), ["N15_00_E108"]),
        ((107.9, 15.5, 108.1, 16.1), ["N15_00_E107", "N15_00_E108", "N16_00_E107", "N16_00_E108"]),
        ((-0.5, -0.5, 0.5, 0.5), ["S01_00_W001", "S01_00_E000", "N00_00_W001", "N00_00_E000"]),
        ((-70.2, -33.5, -70.1, -33.4), ["S34_00_W071"]),
    ],
)
def test_tiles_are_named_by_their_south_west_corner(box, names):
    wanted = [f"Copernicus_DSM_COG_10_{name}_00_DEM" for name in names]
    assert tile_names(BoundingBox(*box)) == wanted


@pytest.mark.parametrize(
    ("box", "tiles"), [((100, 10, 110, 20), 100), ((100, 10, 110.1, 20), 110), ((9, 9, 9, 9), 0)]
)
def test_no_more_than_a_hundred_tiles_are_fetched_at_once(box, tiles):
    area = BoundingBox(*box)
    if tiles == 100:
        assert len(tile_names(area)) == 100
        return
    with pytest.raises(Refused, match=f"needs {tiles} tiles; at most 100"):
        tile_names(area)
