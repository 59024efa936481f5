// Buttons that copy the text of another element.
import { t } from "./text.js";

const SHOWN_MS = 1500;

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const word = button.querySelector("span");
    const before = word.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      word.textContent = t("Copied");
    } catch {
      getSelection().selectAllChildren(source);
      word.textContent = t("Press Ctrl+C");
    }
    setTimeout(() => { word.textContent = before; }, SHOWN_MS);
  });
}
