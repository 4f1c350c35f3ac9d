/* Follows links without loading the page anew, so that what plays plays on: htmx fetches the page,
   and only what stands in <main> is exchanged. A page that says data-loads-whole (signing in and
   out, which change more than <main>) and whatever is no page of ours are loaded as ever. */
(function () {
  "use strict";

  const main = document.getElementById("main");

  function mustLoadWhole(text) {
    return !text.includes('id="main"') || text.includes("data-loads-whole");
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = event.detail;
    if (!detail.boosted) return;
    const isRead = detail.requestConfig.verb === "get";
    if (isRead && mustLoadWhole(detail.serverResponse)) {
      detail.shouldSwap = false;
      location.assign(detail.xhr.responseURL);
      return;
    }
    if (!detail.serverResponse.includes('id="main"')) return;
    detail.shouldSwap = true;
    detail.isError = false;
    detail.target = main;
    detail.selectOverride = "#main > *";
    detail.swapOverride = "innerHTML show:window:top";
  });

  document.addEventListener("htmx:historyCacheMissLoad", (event) => {
    if (mustLoadWhole(event.detail.response)) location.reload();
  });

  /* What lies outside <main> and depends on the page; the focus, and a word for who cannot see. */
  function arrive() {
    for (const link of document.querySelectorAll(".site-nav a")) {
      if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const next = document.querySelector(".theme [name=next]");
    if (next) next.value = location.pathname + location.search;
    main.focus({ preventScroll: true });
    const notices = [...document.querySelectorAll("#messages .notice-text")];
    const said = [document.title, ...notices.map((notice) => notice.textContent.trim())];
    document.getElementById("announcer").textContent = said.join(". ");
  }

  /* Who pressed something that was then exchanged goes on where it was. */
  let hadFocus = false;
  let growing = null; // the list that gets longer, and how long it was

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    const grows = requestConfig.elt.matches("[data-grows]");
    growing = grows ? { list: target, length: target.children.length } : null;
    hadFocus = target.contains(document.activeElement);
  });

  function takeFocus(place) {
    const isLost = document.activeElement === document.body || !document.activeElement;
    const goesOn = growing?.list === place ? place.children[growing.length] : null;
    if (!goesOn && !(hadFocus && isLost)) return;
    growing = null;
    hadFocus = false;
    (goesOn || place).querySelector("a[href], button")?.focus({ preventScroll: true });
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.boosted) arrive();
    else takeFocus(event.target);
  });
  document.addEventListener("htmx:historyRestore", arrive);

  function setBusy(event, isBusy) {
    const place = event.detail.boosted ? main : event.detail.target;
    if (!(place instanceof Element) || place === document.body) return;
    if (isBusy) place.setAttribute("aria-busy", "true");
    else place.removeAttribute("aria-busy");
  }

  document.addEventListener("htmx:beforeRequest", (event) => setBusy(event, true));
  document.addEventListener("htmx:afterRequest", (event) => setBusy(event, false));

  /* A thumbnail that YouTube's image server does not give leaves the drawn cover under it to be seen. */
  const isThumbnail = (node) => node instanceof Image && node.closest(".cover-box");

  document.addEventListener("error", (event) => isThumbnail(event.target) && event.target.remove(), true);
  for (const image of document.images)
    if (isThumbnail(image) && image.complete && image.currentSrc && !image.naturalWidth) image.remove();

  /* The colours change where they are: the page need not be loaded for that. */
  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".theme");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    const data = new FormData(form);
    data.set("theme", theme);
    fetch(form.action, { method: "POST", body: data, redirect: "manual" })
      .then(() => {
        if (theme) document.documentElement.dataset.theme = theme;
        else delete document.documentElement.dataset.theme;
        for (const button of form.querySelectorAll("button"))
          button.setAttribute("aria-pressed", String(button.value === theme));
      })
      .catch(() => form.submit());
  });
})();
