/* 布局编辑 layout editors: rows move in place, the preview follows. */
"use strict";
(() => {
  const form = document.getElementById("sc-lay-form"), preview = document.getElementById("sc-lay-preview");
  if (!form || !preview) return;
  const changed = () => preview.dispatchEvent(new CustomEvent("layout:changed"));

  /** A row is a table row, or the body that holds it with its second row. */
  const unit = (button) => {
    const row = button.closest("tr"), body = row.parentElement;
    return body.querySelectorAll("[data-move='up']").length > 1 ? row : body;
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const own = unit(button), up = button.dataset.move === "up";
    const other = up ? own.previousElementSibling : own.nextElementSibling;
    if (!other || !other.querySelector("[data-move]")) return;
    if (up) other.before(own); else other.after(own);
    own.closest("table").querySelectorAll(".sc-lay-order").forEach((input, place) => { input.value = place + 1; });
    form.querySelectorAll("[data-moved]").forEach((row) => row.removeAttribute("data-moved"));
    (own.tagName === "TR" ? own : own.rows[0]).setAttribute("data-moved", "");
    button.focus();
    changed();
  });
  form.addEventListener("change", changed);
})();
