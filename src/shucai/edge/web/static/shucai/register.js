/* 名录 register behaviour: branches open in place, findings mark their inputs, secrets are copied. */
"use strict";
(() => {
  const { $, $$ } = window.sc;
  const depth = (row) => Number(row?.dataset.level || 0);

  const below = (row) => { // every row under this one
    const found = [];
    for (let next = row.nextElementSibling; next && depth(next) > depth(row); next = next.nextElementSibling) found.push(next);
    return found;
  };

  const fold = (twig, open) => {
    const row = twig.closest("tr");
    if ((twig.getAttribute("aria-expanded") === "true") === open) return;
    twig.setAttribute("aria-expanded", String(open));
    if (!open) { below(row).forEach((one) => one.remove()); return; }
    const url = new URL(twig.href);
    const address = `${url.pathname}~/branch${url.search}&depth=${twig.dataset.level}`;
    htmx.ajax("GET", address, { target: row, swap: "afterend", source: twig });
  };

  document.addEventListener("click", (event) => {
    const twig = event.target.closest("[data-branch]");
    if (!twig || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fold(twig, twig.getAttribute("aria-expanded") !== "true");
  });

  document.addEventListener("keydown", (event) => { // arrows open, close and walk a tree
    const row = event.target.closest?.(".sc-tree tbody tr");
    if (!row || event.altKey || event.ctrlKey || event.target.matches("input, textarea, select")) return;
    const twig = $("[data-branch]", row);
    if (event.key === "ArrowRight" && twig) { event.preventDefault(); fold(twig, true); }
    if (event.key === "ArrowLeft" && twig) { event.preventDefault(); fold(twig, false); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      const stop = next && $("a", next);
      if (stop) { event.preventDefault(); stop.focus(); }
    }
  });

  const mark = () => { // a finding at an input is said by the input too
    const form = $("#rc-form");
    if (!form) return;
    $$(".rc-bad", form).forEach((told) => {
      const field = document.getElementById(`f-${told.id.slice(2)}`);
      if (!field) return;
      if (told.textContent.trim()) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    });
  };
  document.addEventListener("htmx:oobAfterSwap", mark);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "rc-told") return;
    mark();
    const told = $("#rc-told [data-refusal]") || $("#rc-told .rc-preview");
    told?.scrollIntoView({ block: "nearest" });
    ($("#rc-told [data-refusal]") || $("#rc-acts [name=go]"))?.focus();
  });
  document.addEventListener("htmx:afterSettle", () => {
    $$("[data-copy][hidden]").forEach((button) => { button.hidden = !navigator.clipboard; });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim())
      .then(() => window.sc.toast("已复制"), () => window.sc.toast("浏览器不允许复制，请手工选取", "bad"));
  });

  document.addEventListener("htmx:afterSwap", (event) => { // the filter block keeps the segment chosen
    const kept = $("[data-segment]");
    if (event.detail.target.id !== "sc-list" || !kept) return;
    kept.value = new URLSearchParams(location.search).get(kept.name) ?? kept.defaultValue;
  });

  const dialog = $("#sc-dialog");
  if (!$("#sc-list")) { // a record's page shows what was changed
    let done = false;
    document.addEventListener("htmx:afterSwap", () => { if ($("[data-done]", dialog)) done = true; });
    dialog?.addEventListener("close", () => { if (done) location.reload(); });
  }
})();
