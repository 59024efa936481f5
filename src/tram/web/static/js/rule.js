// Shows the fields that the chosen kind of rule needs; without scripts all of them are there.
const kind = document.getElementById("kind");

function show() {
  for (const part of document.querySelectorAll(".kind-part")) {
    part.hidden = !part.dataset.kinds.split(" ").includes(kind.value);
  }
}
kind.addEventListener("change", show);
show();
