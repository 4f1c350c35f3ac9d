/* A list pasted where one name is expected goes to the box for lists, line by line. */
(function () {
  "use strict";

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
})();
