/* What a list of suggestions tells of itself: which songs it shows, and how much of it changed. */
(function () {
  "use strict";

  const WORDS = ["Familiar", "Rather familiar", "In between", "Rather adventurous", "Adventurous"];
  let before = null;

  function listShown() {
    const actions = document.querySelectorAll("#song-list .actions[data-song]");
    return [...actions].map((element) => element.dataset.song);
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches("[data-shows]")) event.detail.parameters.shown = listShown();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    before = event.detail.target.id === "suggestions" ? new Set(listShown()) : null;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    describeSlider();
    if (event.target.id !== "suggestions" || before === null) return;
    const shown = listShown();
    const n = shown.filter((song) => !before.has(song)).length;
    before = null;
    const change = document.getElementById("change");
    if (change) change.textContent = `${n} of ${shown.length} songs are new in this list.`;
  });

  function describeSlider() {
    const slider = document.querySelector("#filters input[type=range]");
    if (slider) slider.setAttribute("aria-valuetext", WORDS[Math.round(slider.value / 25)]);
  }

  document.addEventListener("input", describeSlider);
  describeSlider();
})();
