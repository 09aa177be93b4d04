/* 单据 document form: sums, autosave, marks at fields, keys. Without it the form still works. */
(() => {
  "use strict";
  const form = document.getElementById("sc-doc");
  if (!form) return;
  const { $, $$, withYear, toast } = window.sc;
  const grid = window.Shucai.grid;
  const { cents, spell } = window.Shucai.money;
  const base = () => $("#sc-doc-token").dataset.base;
  const editable = Boolean(form.elements.content);
  let changes = 0, kept = 0, timer = 0, waiting = false, leaving = false;

  /* -------------------------------------------------- sum and capitals */
  const DIGITS = "零壹贰叁肆伍陆柒捌玖";
  const four = (number) => String(number).padStart(4, "0").split("").map((digit, place) => DIGITS[digit] + (digit === "0" ? "" : ["仟", "佰", "拾", ""][place]))
    .join("").replace(/零+/g, "零").replace(/^零|零$/g, "");
  const whole = (number) => {
    for (const [size, unit] of [[100000000n, "亿"], [10000n, "万"]]) {
      if (number < size) continue;
      const low = number % size;
      return whole(number / size) + unit + (low ? (low < size / 10n ? "零" : "") + whole(low) : "");
    }
    return number ? four(number) : "零";
  };
  const capitals = (value) => {
    const yuan = value / 100n, jiao = Number(value / 10n % 10n), fen = Number(value % 10n);
    const text = yuan || !(jiao || fen) ? `${whole(yuan)}元` : "";
    if (!jiao && !fen) return `${text}整`;
    return text + (jiao ? `${DIGITS[jiao]}角` : yuan ? "零" : "") + (fen ? `${DIGITS[fen]}分` : "整");
  };
  const add = () => {
    if (!grid || !editable) return;
    const total = grid.total;
    const words = $("[data-capitals]");
    $("[data-total]").textContent = spell(total);
    words.hidden = total <= 0n;
    if (total > 0n) words.textContent = `人民币（大写）${capitals(total)}`;
    form.elements.total.value = spell(total).replaceAll(",", "");
  };

  /* -------------------------------------------------- autosave: what was typed outlives the session */
  const spot = () => $("#sc-saved");
  const local = () => `sc:draft:${document.body.dataset.user}:${base()}`;
  const say = (text, lost) => { const place = spot(); if (place) { place.textContent = text; place.toggleAttribute("data-lost", Boolean(lost)); } };
  const dirty = () => {
    changes += 1;
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
  };
  async function keep() {
    if (!editable || waiting || leaving || kept === changes) return;
    waiting = true;
    const seen = changes;
    grid?.write();
    const body = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(withYear(`${base()}/autosave`), { method: "POST", body, redirect: "manual", headers: { "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value } });
      if (!answer.ok || answer.headers.has("HX-Redirect")) throw new Error(String(answer.status));
      learn(await answer.text());
      kept = seen;
      sessionStorage.removeItem(local());
    } catch {
      sessionStorage.setItem(local(), JSON.stringify([...body].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "key")));
      say("自动保存未成功，内容已留在本机，请检查网络或重新登录", true);
    }
    waiting = false;
    if (kept !== changes) timer = setTimeout(keep, 3000);
  }
  function learn(html) {
    const said = new DOMParser().parseFromString(html, "text/html");
    const live = said.getElementById("sc-live");
    if (!live) return;
    grid?.learn(JSON.parse(live.dataset.names));
    for (const [name, text] of Object.entries(JSON.parse(live.dataset.computed))) document.getElementById(`f-${name}`)?.replaceChildren(text);
    grid?.compute(JSON.parse(live.dataset.lineComputed));
    mark(JSON.parse(live.dataset.marks), true);
    const shares = said.getElementById("sc-shares"), own = $("#sc-shares");
    if (shares && own) { shares.removeAttribute("hx-swap-oob"); own.replaceWith(shares); }
    say(live.dataset.saved);
  }
  function restore() {
    const saved = sessionStorage.getItem(local());
    if (!saved || !editable) return;
    const said = JSON.parse(saved);
    for (const [name, value] of said) if (form.elements[name] && !["lines", "version", "total", "content"].includes(name)) form.elements[name].value = value;
    const lines = said.find(([name]) => name === "lines");
    if (lines && grid) grid.reset(JSON.parse(lines[1]));
    say("已恢复留在本机的内容");
    dirty();
  }

  /* -------------------------------------------------- marks: each finding at its field */
  function mark(findings, quiet) {
    $$("[data-mark]", document).forEach((note) => note.remove());
    $$('[aria-invalid="true"]', form).forEach((field) => { if (!field.closest(".tabulator")) field.removeAttribute("aria-invalid"); });
    for (const { at, text } of findings) {
      const field = document.getElementById(`f-${at}`);
      if (!field || at.startsWith("lines")) continue;
      field.setAttribute("aria-invalid", "true");
      const note = Object.assign(document.createElement("p"), { className: "sc-cell-bad", textContent: text, id: `e-${at}` });
      note.dataset.mark = "";
      document.getElementById(note.id)?.remove();
      field.setAttribute("aria-describedby", note.id);
      (field.closest(".sc-cell") || field).after(note);
    }
    grid?.mark(findings);
    if (quiet || !findings.length) return;
    const only = findings.length === 1 && document.getElementById(`f-${findings[0].at}`);
    (only && only.matches("input, select, textarea") ? only : $("[data-refusal]"))?.focus();
  }
  const told = () => $$("#sc-refusals [data-refusal] li").map((item) => ({ at: $("[data-jump]", item)?.dataset.jump || "", text: $("p", item).firstChild.textContent.trim() }));
  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-jump]")?.dataset.jump;
    if (at?.startsWith("lines[") && grid) { event.preventDefault(); event.stopPropagation(); grid.jump(at); }
  }, true);

  let here = location.pathname;
  /** The work tab follows a document from its first saving to its number. */
  function named() {
    window.sc.renameTab?.(location.pathname, $("#sc-doc-head").dataset.tab, here);
    here = location.pathname;
  }

  /* -------------------------------------------------- sending */
  const ready = () => { grid?.write(); add(); };
  form.addEventListener("submit", () => { ready(); leaving = true; });
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.closest("#sc-doc-acts, #sc-doc") || event.detail.verb !== "post") return;
    ready();
    if (editable) {
      event.detail.parameters.lines = form.elements.lines.value;
      event.detail.parameters.total = form.elements.total.value;
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.elt.closest("#sc-doc-acts") || event.detail.verb === "get") return;
    const way = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (way) { leaving = true; sessionStorage.removeItem(local()); }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.target.id;
    if (id === "sc-refusals") { mark(told()); if (here !== location.pathname) named(); }
    if (id === "sc-doc-head" && event.detail.xhr?.status === 200) {
      kept = changes;
      mark([], true);
      sessionStorage.removeItem(local());
      const unit = form.elements.unit;
      if (unit) { unit.readOnly = true; delete unit.dataset.pick; }
      $("#sc-refusals").replaceChildren();
      named();
    }
  });

  /* -------------------------------------------------- keys */
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      grid?.commit();
      $("#sc-save")?.click();
    }
  });
  const stops = () => $$("input:not([type=hidden]):not([readonly]), select, textarea:not([hidden])", form).filter((field) => field.offsetParent && !field.closest(".tabulator"));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented || event.target.matches("textarea, button, a") || event.target.closest(".tabulator")) return;
    event.preventDefault(); // Enter moves on; it never sends a form by accident
    const all = stops().filter((field) => field.closest(".sc-sheet")), at = all.indexOf(event.target);
    if (at >= 0 && at < all.length - 1) { all[at + 1].focus(); all[at + 1].select?.(); } else grid?.focus();
  });
  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-grid]")?.dataset.grid;
    if (!act || !grid) return;
    grid[act]();
  });
  document.addEventListener("shucai:tell", (event) => toast(event.detail, "bad"));

  /* -------------------------------------------------- attachments: chosen or dropped, sent at once */
  document.addEventListener("change", (event) => {
    if (event.target.id === "f-files" && event.target.files.length) htmx.trigger("#sc-file-form", "submit");
  });
  for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => {
    const zone = event.target.closest?.("[data-drop]"), label = zone && $(".sc-drop", zone);
    if (!label) return;
    event.preventDefault();
    label.toggleAttribute("data-over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) {
      const field = $("#f-files");
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  /* -------------------------------------------------- start */
  form.addEventListener("input", (event) => { if (!event.target.closest(".tabulator") && event.target.name) dirty(); });
  form.addEventListener("change", (event) => { if (!event.target.closest(".tabulator") && event.target.name) dirty(); });
  document.addEventListener("grid:changed", () => { add(); dirty(); });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && kept !== changes) { keep(); if (kept !== changes && waiting === false) event.preventDefault(); }
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }); // an old key is never sent again
  if (window.flatpickr) $$("[data-date]", form).forEach((field) => flatpickr(field, { locale: "zh", allowInput: true, dateFormat: "Y-m-d", disableMobile: true }));
  const start = () => { add(); const found = told(); if (found.length) mark(found); restore(); };
  if (grid && !grid.ready) grid.table.on("tableBuilt", () => setTimeout(start, 0)); else start();
  const first = stops()[0];
  if (editable && !$("[data-refusal]") && first && !first.value) first.focus();
})();
