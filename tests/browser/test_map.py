"""The map draws what it should, answers clicks, and keeps its state in the address."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, Visit, Visitor
from tests.browser.test_pages import RULES, barriers
from tests.product import TRAM, Product

READY = "document.getElementById('map').dataset.ready === 'yes'"
# Reads pixels in the very frame that was drawn: later the buffer is gone.
COLOURS = """() => new Promise((done) => {
  const map = document.getElementById('map').map;
  map.once('render', () => {
    const gl = map.painter.context.gl;
    const { width, height } = map.getCanvas();
    const found = new Set();
    const pixel = new Uint8Array(4);
    for (let x = 0; x < 24; x += 1) for (let y = 0; y < 24; y += 1) {
      gl.readPixels(Math.floor(((x + 0.5) * width) / 24), Math.floor(((y + 0.5) * height) / 24), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      found.add(pixel.slice(0, 3).join(','));
    }
    done([...found]);
  });
  map.triggerRepaint();
})"""
SHOW_LAYERS = """(shown) => {
  const map = document.getElementById('map').map;
  for (const layer of ['land', 'shore', 'clusters', 'cluster-counts', 'devices']) {
    map.setLayoutProperty(layer, 'visibility', shown ? 'visible' : 'none');
  }
}"""
DRAWN = """(layer) => document.getElementById('map').map.queryRenderedFeatures({ layers: [layer] }).length"""
JUMP = """(view) => document.getElementById('map').map.jumpTo(view)"""
NAMES = """() => document.getElementById('map').map.queryRenderedFeatures({
  layers: ['place-isles', 'place-sea', 'place-ocean'],
}).map((feature) => feature.properties.name)"""
ALONE = """() => {
  const map = document.getElementById('map').map;
  const [one] = map.queryRenderedFeatures({ layers: ['devices'] });
  if (!one) return null;
  const frame = document.getElementById('map').getBoundingClientRect();
  const point = map.project(one.geometry.coordinates);
  return { id: one.id, x: frame.left + point.x, y: frame.top + point.y };
}"""


@pytest.fixture(scope="module")
def atlas(
    product: Product, chromium: Browser, session_cookie: dict[str, Any]
) -> Iterator[Visitor]:
    """The map, loaded once: loading takes seconds where software draws it."""
    context = chromium.new_context(viewport=DESKTOP)
    context.add_cookies([{**session_cookie, "url": product.web_url}])
    visitor = Visitor(context, product.web_url)
    visitor.go("/map?lon=108.8&lat=15.12&zoom=13")
    visitor.until(READY, "the map is ready")
    yield visitor
    context.close()
    assert visitor.faults == []


def look(visitor: Visitor, lon: float, lat: float, zoom: float) -> Page:
    """Bring the map to a view and wait until it is drawn."""
    visitor.page.evaluate(JUMP, {"center": [lon, lat], "zoom": zoom})
    visitor.until("document.getElementById('map').map.loaded()", "the map is drawn")
    return visitor.page


def test_the_address_says_what_to_show(atlas: Visitor) -> None:
    page = look(atlas, 108.7, 15.1, 10.5)

    page.wait_for_url(re.compile("lon=108.7000&lat=15.1000&zoom=10.50"))


def test_the_map_paints_land_sea_and_devices(atlas: Visitor) -> None:
    page = look(atlas, 108.5, 14.8, 8)

    with_layers = set(page.evaluate(COLOURS))
    page.evaluate(SHOW_LAYERS, arg=False)
    without_layers = set(page.evaluate(COLOURS))
    page.evaluate(SHOW_LAYERS, arg=True)

    assert len(with_layers - without_layers) >= 3


def test_the_sea_and_its_archipelagos_carry_their_names(atlas: Visitor) -> None:
    page = look(atlas, 111, 13, 5)
    drawn = set(page.evaluate(NAMES))
    inset = " ".join(page.locator(".inset text").all_text_contents())

    assert {"Biển Đông", "Hoàng Sa (Việt Nam)", "Trường Sa (Việt Nam)"} <= drawn
    assert "Hoàng Sa (Việt Nam)" in inset
    assert "Trường Sa (Việt Nam)" in inset
    assert page.locator(".inset").is_visible()


def test_a_click_shows_the_device_beside_the_map_and_in_the_address(atlas: Visitor) -> None:
    page = look(atlas, 108.8, 15.12, 13)
    atlas.until(f"({ALONE})() !== null", "a device stands alone")
    device = page.evaluate(ALONE)

    page.mouse.click(device["x"], device["y"])
    atlas.until("!document.getElementById('chosen').hidden", "the panel opens")

    page.wait_for_url(re.compile("device="))
    assert page.locator("#chosen a").first.get_attribute("href").startswith("/devices")


def test_filters_take_devices_off_the_map_and_stay_in_the_address(atlas: Visitor) -> None:
    page = look(atlas, 108.5, 14.8, 8)
    atlas.until(f"({DRAWN})('clusters') > 0", "clusters are there")

    for box in page.locator("#by-sector input").all():
        box.uncheck()
    atlas.until(f"({DRAWN})('clusters') === 0", "no cluster is left")
    page.wait_for_url(re.compile("hide_sector="))
    for box in page.locator("#by-sector input").all():
        box.check()


def test_the_table_twin_holds_the_same_things_without_a_map(visit: Visit) -> None:
    page = visit().go("/map?view=table")

    assert int(page.locator("#t-devices .count").inner_text()) >= 200
    assert page.locator("[aria-labelledby=t-zones] tbody tr").count() > 10


def test_fibre_that_a_command_imports_is_drawn_named_and_listed(
    product: Product, visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "fibre.csv"
    file.write_text("Mã;Tên;WKT\nF1;Tuyến Dung Quất;LINESTRING (108.7 15.0,108.9 15.2)\n")
    words = ["geo", "import", "fibre", str(file), "--synthetic", "--data", str(product.data)]
    done = subprocess.run([*TRAM, *words], capture_output=True, text=True, check=True)
    assert done.stdout == "fibre: 1 features, 30.9 km\n"

    tab = visit()
    page = tab.go("/map?lines=fibre&lon=108.8&lat=15.1&zoom=13")
    tab.until(READY, "the map is ready")
    tab.until(f"({DRAWN})('line-fibre') > 0", "the route is drawn")
    page.evaluate(SHOW_LAYERS, arg=False)
    tab.until(f"({DRAWN})('devices') === 0", "no device lies over it")
    middle = page.locator("#map").bounding_box()
    assert middle is not None
    page.mouse.click(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    tab.until("!document.getElementById('chosen').hidden", "the panel opens")

    assert "Tuyến Dung Quất" in page.inner_text("#chosen")
    assert "mô phỏng" in page.inner_text("#chosen")
    assert barriers(page, RULES) == []
    page = tab.go("/map?view=table")
    assert "mô phỏng" in page.inner_text("[aria-labelledby=t-layers]")
    assert "30,9 km" in page.inner_text("[aria-labelledby=t-lines]")
