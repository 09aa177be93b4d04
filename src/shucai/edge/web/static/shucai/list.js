/* 列表 list behaviour: picking rows with their sum, page size, keys in the table, reload when done. */
"use strict";
(() => {
  const { $, $$, cents, money } = window.sc;
  const list = () => $("#sc-list");
  const boxes = () => $$("input[name=pick]", list());

  const tally = () => {
    const all = boxes(), on = all.filter((box) => box.checked);
    all.forEach((box) => box.closest("tr").toggleAttribute("data-picked", box.checked));
    const head = $("[data-all]", list());
    if (head) { head.checked = on.length > 0 && on.length === all.length; head.indeterminate = on.length > 0 && on.length < all.length; }
    const spot = $("#sc-picked");
    if (!spot) return;
    spot.hidden = on.length === 0;
    $("[data-count]", spot).textContent = on.length.toLocaleString("zh-CN");
    const sum = $("[data-sum]", spot);
    if (sum) sum.textContent = money(on.reduce((sum, box) => sum + cents(box.dataset.amount), 0n));
    const every = $("#sc-all"), more = Boolean($("#sc-list .sc-foot a[data-key]"));
    every.hidden = !(more && on.length === all.length && on.length > 0);
    if (every.hidden) $("input", every).checked = false;
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!list()?.contains(box)) return;
    if (box.matches("[data-all]")) boxes().forEach((one) => { one.checked = box.checked; });
    if (box.matches("[data-all], input[name=pick]")) tally();
    if (box.matches("[data-go]")) htmx.ajax("GET", box.value, { target: "#sc-list", swap: "outerHTML" }).then(() => { history.pushState({}, "", window.sc.withYear(box.value)); window.sc.rememberTab?.(); });
  });

  let anchor = null; // shift-click picks a range
  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=pick]");
    if (box && list()?.contains(box)) {
      const all = boxes();
      if (event.shiftKey && anchor && all.includes(anchor)) {
        const [from, to] = [all.indexOf(anchor), all.indexOf(box)].sort((a, b) => a - b);
        all.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
        tally();
      }
      anchor = box;
    }
  });

  document.addEventListener("keydown", (event) => { // arrows walk the ticks, Enter opens
    const box = event.target;
    if (!box.matches?.("input[name=pick]")) return;
    const all = boxes(), at = all.indexOf(box);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); all[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus(); }
    if (event.key === "Enter") { event.preventDefault(); $("a", box.closest("tr"))?.click(); }
  });

  document.addEventListener("click", (event) => { // a file opens in a tab of its own, htmx stays out of it
    const button = event.target.closest("button[data-plain]");
    if (!button?.form) return;
    event.preventDefault();
    const form = button.form, { action, target } = form;
    form.action = window.sc.withYear(button.formAction);
    form.target = button.formTarget;
    HTMLFormElement.prototype.submit.call(form);
    Object.assign(form, { action, target });
  }, true);

  const dialog = $("#sc-dialog");
  let done = false;
  document.addEventListener("htmx:afterSwap", (event) => { if (dialog?.contains(event.detail.target) && $("[data-done]", dialog)) done = true; });
  dialog?.addEventListener("close", () => {
    if (!done) return;
    done = false;
    htmx.ajax("GET", location.pathname + location.search, { target: "#sc-list", swap: "outerHTML" });
    htmx.trigger(document.body, "sc:counts");
  });
})();
