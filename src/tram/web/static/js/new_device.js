// The form for a new device: the profile brings its sector, the zone and the phone bring a place.
const field = (name) => document.getElementById(name);

function showProfile() {
  for (const about of document.querySelectorAll("[data-profile]")) about.hidden =
    about.dataset.profile !== field("profile").value;
}
field("profile").addEventListener("change", (event) => {
  const sector = event.target.selectedOptions[0]?.dataset.sector;
  if (sector) field("sector").value = sector;
  showProfile();
});
showProfile();

const written = (value) => String(value).replace(".", document.documentElement.lang === "vi" ? "," : ".");

field("zone").addEventListener("change", (event) => {
  const { lon, lat } = event.target.selectedOptions[0]?.dataset ?? {};
  if (!lon || field("lon").dataset.own) return;
  field("lon").value = written(lon);
  field("lat").value = written(lat);
});
for (const name of ["lon", "lat"]) field(name).addEventListener("input", () => { field("lon").dataset.own = "yes"; });

const here = field("here");
if (navigator.geolocation && isSecureContext) {
  here.hidden = false;
  here.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field("lon").value = written(coords.longitude.toFixed(5));
      field("lat").value = written(coords.latitude.toFixed(5));
      field("lon").dataset.own = "yes";
    });
  });
}
