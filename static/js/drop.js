/* A file that is dropped on a form with a file's field is chosen there. Forms come and go with pages. */
(function () {
  "use strict";

  function findForm(event) {
    const holdsFiles = event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
    return holdsFiles ? event.target.closest("form[data-drop]") : null;
  }

  function mark(form) {
    document.querySelectorAll("form.is-dropping").forEach((other) => {
      other.classList.toggle("is-dropping", other === form);
    });
    if (form) {
      form.classList.add("is-dropping");
    }
  }

  document.addEventListener("dragover", (event) => {
    const form = findForm(event);
    mark(form);
    if (form) {
      event.preventDefault();
    }
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) {
      mark(null);
    }
  });
  document.addEventListener("drop", (event) => {
    const form = findForm(event);
    mark(null);
    if (!form) {
      return;
    }
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      const input = form.querySelector('input[type="file"]');
      input.files = event.dataTransfer.files;
      input.focus();
    }
  });
})();
