/* The search boxes: a list pasted where one name is expected goes to the box for lists, and names of
   stored songs are offered while somebody types. */
(function () {
  "use strict";

  const WAIT_MILLISECONDS = 150;
  const MIN_TYPED = 2;
  let timer = 0;
  let turn = 0;

  document.addEventListener("paste", (event) => {
    const paste = document.getElementById("paste");
    if (!paste || !event.target.matches("input[type=search]")) return;
    const text = event.clipboardData.getData("text");
    if (!text.trim().includes("\n")) return;
    event.preventDefault();
    paste.open = true;
    const box = paste.querySelector("textarea");
    box.value = text;
    box.focus();
  });

  /* The browser's own list of choices: it knows keys, screen readers and small screens. */
  function findChoices(input) {
    const known = input.list;
    if (known) return known;
    const choices = document.createElement("datalist");
    choices.id = `names-${input.id || "header"}`;
    input.after(choices);
    input.setAttribute("list", choices.id);
    return choices;
  }

  async function offer(input) {
    const asked = ++turn;
    const query = new URLSearchParams({ q: input.value });
    try {
      const answer = await fetch(`${document.body.dataset.suggestAddress}?${query}`);
      const { names } = answer.ok ? await answer.json() : { names: [] };
      if (asked !== turn) return;
      const options = names.map((name) => new Option(name, name));
      findChoices(input).replaceChildren(...options);
    } catch {
      /* Who types finds the song by pressing Enter. */
    }
  }

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches("input[data-suggests]")) return;
    clearTimeout(timer);
    const isChosen = [...(input.list?.options || [])].some((o) => o.value === input.value);
    if (input.value.trim().length < MIN_TYPED || isChosen) return;
    timer = setTimeout(() => offer(input), WAIT_MILLISECONDS);
  });
})();
