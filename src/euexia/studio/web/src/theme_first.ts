/** Loaded before anything is painted, so that a chosen theme never flashes. */
const chosen = localStorage.getItem("euexia-theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
