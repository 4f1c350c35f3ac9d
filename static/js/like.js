/* Says what htmx could not do. What it could do, the answers announce themselves. */
(function () {
  "use strict";

  const NO_ANSWER = "TuneTrace cannot be reached. Nothing was changed; try again in a moment.";
  const REFUSED = "That did not work, and nothing was changed. Load the page again.";

  function show(text) {
    const list = document.createElement("ul");
    list.className = "notices";
    const item = document.createElement("li");
    item.className = "notice error";
    item.textContent = text;
    list.append(item);
    document.getElementById("messages").replaceChildren(list);
    item.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:sendError", () => show(NO_ANSWER));
  document.addEventListener("htmx:timeout", () => show(NO_ANSWER));
  document.addEventListener("htmx:responseError", () => show(REFUSED));
})();
