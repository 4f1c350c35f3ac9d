/* A file that is dropped anywhere on a form with a file's field is chosen there. */
(function () {
  "use strict";

  function takesFiles(event) {
    return event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  }

  document.querySelectorAll("form[data-drop]").forEach((form) => {
    const input = form.querySelector('input[type="file"]');
    let depth = 0;

    function mark(change) {
      depth = Math.max(0, depth + change);
      form.classList.toggle("is-dropping", depth > 0);
    }

    form.addEventListener("dragenter", (event) => {
      if (takesFiles(event)) {
        event.preventDefault();
        mark(1);
      }
    });
    form.addEventListener("dragleave", (event) => takesFiles(event) && mark(-1));
    form.addEventListener("dragover", (event) => {
      if (takesFiles(event)) {
        event.preventDefault();
      }
    });
    form.addEventListener("drop", (event) => {
      if (!takesFiles(event)) {
        return;
      }
      event.preventDefault();
      depth = 0;
      mark(0);
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.focus();
      }
    });
  });
})();
