/* Keys for who listens: each presses a button that is on the page. None while something is typed;
   they can be switched off, which this browser remembers. */
(function () {
  "use strict";

  const SWITCH = "tunetrace.keys";
  const CONTROLS = "a[href], button, input, select, textarea, summary, iframe, [contenteditable]";
  const BUTTONS = {
    " ": "#dock-toggle",
    n: "#dock-next",
    p: "#dock-previous",
    l: "#dock-opinion [data-opinion=like] button",
    d: "#dock-opinion [data-opinion=dismiss] button",
  };
  const sheet = document.getElementById("keys");
  const box = sheet.querySelector("input");

  function isTyping(target) {
    return Boolean(target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"));
  }

  function remembers() {
    try {
      return localStorage.getItem(SWITCH) !== "off";
    } catch {
      return true;
    }
  }

  function show(isShown) {
    sheet.hidden = !isShown;
    if (!isShown) return;
    sheet.scrollIntoView({ block: "nearest" });
    sheet.querySelector("h2").focus();
  }

  function goToSearch() {
    const inputs = [...document.querySelectorAll("input[type=search]")];
    const input = inputs.find((element) => element.offsetParent !== null);
    if (!input) return false;
    input.focus();
    input.select();
    return true;
  }

  function press(key) {
    const button = document.querySelector(BUTTONS[key]);
    if (!button || document.getElementById("dock").hidden) return false;
    button.click();
    return true;
  }

  function handle(key, target) {
    if (key === "?") {
      show(sheet.hidden);
      return true;
    }
    if (key === "/") return goToSearch();
    if (!(key in BUTTONS)) return false;
    if (key === " " && target.closest(CONTROLS)) return false;
    return press(key);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sheet.contains(event.target)) show(false);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (!box.checked || isTyping(event.target)) return;
    if (handle(event.key.length === 1 ? event.key.toLowerCase() : event.key, event.target))
      event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-keys]")) show(true);
    if (event.target.closest("[data-hide-keys]")) show(false);
  });

  box.checked = remembers();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(SWITCH, box.checked ? "on" : "off");
    } catch {
      /* A browser that keeps nothing forgets the choice with the page. */
    }
  });
})();
