// The report's pages: days as people type them, and the tab of this page in sight on a phone.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Days are typed as 30/7/2025; an address carries them as 2025-07-30, which sorts and never misleads.
document.addEventListener("formdata", (event) => {
  for (const input of event.target.querySelectorAll("input.day[name]")) {
    const [day, month, year] = input.value.trim().split("/");
    if (day && month && /^\d{4}$/.test(year ?? "")) event.formData.set(input.name,
      `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
  }
});
