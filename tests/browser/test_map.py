"""The map draws what it should, answers clicks, and keeps its state in the address."""

from tests.browser.conftest import Visit, Visitor

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
ALONE = """() => {
  const map = document.getElementById('map').map;
  const [one] = map.queryRenderedFeatures({ layers: ['devices'] });
  if (!one) return null;
  const frame = document.getElementById('map').getBoundingClientRect();
  const point = map.project(one.geometry.coordinates);
  return { id: one.id, x: frame.left + point.x, y: frame.top + point.y };
}"""


def open_map(visit: Visit, path: str = "/map", **how: bool) -> Visitor:
    visitor = visit(**how)
    visitor.go(path)
    visitor.until(READY, "the map is ready")
    visitor.until("document.getElementById('map').map.loaded()", "the map is drawn")
    return visitor


def test_the_map_paints_land_sea_and_devices(visit: Visit) -> None:
    page = open_map(visit).page

    with_layers = set(page.evaluate(COLOURS))
    page.evaluate(SHOW_LAYERS, arg=False)
    without_layers = set(page.evaluate(COLOURS))

    assert len(with_layers) > len(without_layers)
    assert len(with_layers - without_layers) >= 2


def test_zones_devices_and_the_names_of_the_sea_are_on_it(visit: Visit) -> None:
    page = open_map(visit, "/map?lon=109&lat=13&zoom=5").page

    names = page.evaluate(
        "document.getElementById('map').map.queryRenderedFeatures({ layers: ['isles', 'place-isles', 'place-sea'].filter((l) => document.getElementById('map').map.getLayer(l)) }).map((f) => f.properties.name)"
    )

    assert {"Biển Đông", "Hoàng Sa (Việt Nam)", "Trường Sa (Việt Nam)"} <= set(names)
    assert page.evaluate(DRAWN, "clusters") + page.evaluate(DRAWN, "devices") > 0


def test_the_inset_names_the_archipelagos_at_every_scale(visit: Visit) -> None:
    page = open_map(visit, "/map?lon=108.8&lat=15.1&zoom=12").page

    inset = " ".join(page.locator(".inset text").all_text_contents())

    assert "Biển Đông" in inset
    assert "Hoàng Sa (Việt Nam)" in inset
    assert "Trường Sa (Việt Nam)" in inset


def test_a_click_shows_the_device_beside_the_map_and_in_the_address(visit: Visit) -> None:
    visitor = open_map(visit, "/map?lon=108.8&lat=15.12&zoom=13")
    page = visitor.page
    visitor.until(f"({ALONE})() !== null", "a device stands alone")
    device = page.evaluate(ALONE)

    page.mouse.click(device["x"], device["y"])
    visitor.until("!document.getElementById('chosen').hidden", "the panel opens")

    assert "device=" in page.url
    assert page.locator("#chosen a").first.get_attribute("href").startswith("/devices/")
    assert "mô phỏng" in page.locator("#chosen").inner_text()


def test_filters_take_devices_off_the_map_and_stay_in_the_address(visit: Visit) -> None:
    visitor = open_map(visit)
    page = visitor.page

    for box in page.locator("#by-sector input").all():
        box.uncheck()
    visitor.until(f"({DRAWN})('clusters') === 0", "no cluster is left")

    assert "hide_sector=" in page.url


def test_the_table_twin_holds_the_same_things_without_a_map(visit: Visit) -> None:
    page = visit().go("/map?view=table")

    assert page.locator("#t-devices .count").inner_text() == "200"
    assert page.locator("[aria-labelledby=t-zones] tbody tr").count() > 10
