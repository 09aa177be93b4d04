/* 数财 page behaviour. Everything works without it where a link or form can do the work; this file
   makes it quicker. Sections: year of the tab, pop menus, menu, work tabs, toasts, dialogs,
   palette, lists, charts, refusals, counts, keys. No eval, no inline script, no JSON from the server. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const body = document.body;
  const user = body.dataset.user || "0";
  const kept = (key, fallback) => { try { return JSON.parse(localStorage.getItem(`sc:${user}:${key}`)) ?? fallback; } catch { return fallback; } };
  const keep = (key, value) => { try { localStorage.setItem(`sc:${user}:${key}`, JSON.stringify(value)); } catch { /* private window */ } };
  const cents = (text) => BigInt(String(text || "0").replace(/[,.]/g, ""));
  const money = (value) => {
    const sign = value < 0n ? "-" : "", digits = (value < 0n ? -value : value).toString().padStart(3, "0");
    return sign + digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + digits.slice(-2);
  };
  const sc = window.sc = { $, $$, kept, keep, cents, money };

  /* -------------------------------------------------- year of the tab: two years side by side */
  const year = body.dataset.year, foreign = year && year !== body.dataset.ownYear;
  const withYear = (href) => {
    const url = new URL(href, location.href);
    if (foreign && url.origin === location.origin && !url.searchParams.has("year")) url.searchParams.set("year", year);
    return url.pathname + url.search + url.hash;
  };
  sc.withYear = withYear;
  if (foreign) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (link && !link.getAttribute("href").startsWith("#")) link.setAttribute("href", withYear(link.href));
    }, true);
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method === "get" && !form.elements.year) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "year", value: year }));
      else if (form.method === "post") form.action = withYear(form.action);
    }, true);
    document.addEventListener("htmx:configRequest", (event) => { event.detail.path = withYear(event.detail.path); });
  }

  /* -------------------------------------------------- pop menus */
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.sc-top-menu, details.sc-pop-menu") || !menu.open) return;
    $$("details.sc-top-menu[open], details.sc-pop-menu[open]").forEach((other) => { if (other !== menu) other.open = false; });
    if (menu.dataset.pop && !menu.dataset.filled) {
      menu.dataset.filled = "1";
      htmx.ajax("GET", menu.dataset.pop, { target: $(".sc-pop", menu), swap: "innerHTML" });
    }
  }, true);
  document.addEventListener("click", (event) => {
    $$("details.sc-top-menu[open], details.sc-pop-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* -------------------------------------------------- menu: fold, areas without a reload */
  const frame = $("#sc-frame");
  if (frame) {
    frame.classList.toggle("sc-folded", kept("folded", false));
    $("#sc-fold")?.addEventListener("click", () => {
      keep("folded", frame.classList.toggle("sc-folded"));
      window.dispatchEvent(new Event("resize"));
    });
    $$("[data-area]").forEach((tab) => tab.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      $$("[data-area]").forEach((other) => other.toggleAttribute("aria-current", other === tab));
      $$("[data-menu]").forEach((menu) => { menu.hidden = menu.dataset.menu !== tab.dataset.area; });
    }));
  }

  /* -------------------------------------------------- work tabs: what is open stays open */
  const strip = $("#sc-tabs");
  const TABS_MAX = 12;
  const place = (href) => { const url = new URL(href, location.href); url.searchParams.delete("year"); return url.pathname; };
  if (strip) {
    const current = $("[data-title]", strip);
    let tabs = kept(`tabs:${year}`, []);
    if (current) {
      const now = { href: location.pathname + location.search, title: current.dataset.title };
      const known = tabs.findIndex((tab) => place(tab.href) === location.pathname);
      if (known >= 0) tabs[known] = now; else tabs.push(now);
      tabs = tabs.slice(-TABS_MAX);
      keep(`tabs:${year}`, tabs);
      current.remove();
    }
    const draw = () => {
      $$("[data-tab]", strip).forEach((tab) => tab.remove());
      tabs.forEach((tab) => {
        const box = Object.assign(document.createElement("span"), { className: "sc-tab" });
        const link = Object.assign(document.createElement("a"), { href: tab.href, textContent: tab.title, title: tab.title });
        const close = Object.assign(document.createElement("button"), { type: "button" });
        box.dataset.tab = tab.href;
        if (place(tab.href) === location.pathname) box.dataset.on = "";
        close.setAttribute("aria-label", `关闭 ${tab.title}`);
        close.append($("#sc-icon-x").content.cloneNode(true));
        close.addEventListener("click", () => shut(tab));
        box.append(link, close);
        box.addEventListener("auxclick", (event) => { if (event.button === 1) { event.preventDefault(); shut(tab); } });
        strip.append(box);
      });
    };
    const shut = (tab) => {
      const at = tabs.indexOf(tab), own = place(tab.href) === location.pathname;
      tabs.splice(at, 1);
      keep(`tabs:${year}`, tabs);
      if (own) location.href = withYear(tabs[Math.min(at, tabs.length - 1)]?.href || "/"); else draw();
    };
    draw();
    sc.closeTab = () => { const own = tabs.find((tab) => place(tab.href) === location.pathname); if (own) shut(own); };
    sc.renameTab = (href, title, from = location.pathname) => { const own = tabs.find((tab) => place(tab.href) === from); if (own) { Object.assign(own, { href, title }); keep(`tabs:${year}`, tabs); draw(); } };
    sc.rememberTab = () => { const own = tabs.find((tab) => place(tab.href) === location.pathname); if (own) { own.href = location.pathname + location.search; keep(`tabs:${year}`, tabs); draw(); } };
    document.addEventListener("htmx:pushedIntoHistory", () => sc.rememberTab());
  }

  /* -------------------------------------------------- toasts: read aloud, gone after a while */
  const toasts = $("#sc-toasts");
  const retire = (toast) => setTimeout(() => toast.remove(), toast.classList.contains("sc-toast-bad") ? 12000 : 5000);
  sc.toast = (text, look = "good") => {
    if (!toasts) return;
    const toast = Object.assign(document.createElement("div"), { className: `sc-toast sc-toast-${look}` });
    toast.append(Object.assign(document.createElement("p"), { textContent: text }));
    toasts.append(toast);
    retire(toast);
  };
  if (toasts) {
    $$("[data-toast]", toasts).forEach(retire);
    toasts.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest(".sc-toast").remove());
  }
  body.addEventListener("sc:toast", (event) => sc.toast(event.detail.text || event.detail.value, event.detail.look));

  /* -------------------------------------------------- dialogs: server markup in one <dialog> */
  const dialog = $("#sc-dialog");
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog || !dialog.firstElementChild) return;
    dialog.classList.toggle("sc-dialog-wide", Boolean($("[data-wide]", dialog)));
    if (!dialog.open) dialog.showModal();
    ($("[autofocus]", dialog) || $("textarea, input:not([type=hidden]), .sc-btn-main", dialog))?.focus();
  });
  document.addEventListener("click", (event) => {
    const closing = event.target.closest("dialog [data-close]");
    if (closing) { event.preventDefault(); closing.closest("dialog").close(); }
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) {
      const area = $("textarea", phrase.closest("form, .sc-card"));
      area.value = area.value.trim() ? `${area.value.trim().replace(/[。；]?$/, "；")}${phrase.dataset.phrase}` : phrase.dataset.phrase;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    }
  });
  document.addEventListener("submit", (event) => {
    const asked = event.submitter?.dataset.sure || event.target.dataset.sure;
    if (asked && !window.confirm(asked)) event.preventDefault();
  }, true);

  /* -------------------------------------------------- palette: Ctrl-K */
  const palette = $("#sc-palette"), ask = $("#sc-palette-input");
  const openPalette = () => { if (!palette) return; palette.showModal(); ask.value = ""; ask.focus(); htmx.trigger(ask, "sc:ask"); };
  $("#sc-find")?.addEventListener("click", (event) => { event.preventDefault(); openPalette(); });
  const pick = (step) => {
    const links = $$("#sc-palette-list a");
    const at = links.findIndex((link) => "on" in link.dataset);
    links.forEach((link) => delete link.dataset.on);
    const chosen = links[Math.max(0, Math.min(links.length - 1, at + step))];
    if (chosen) { chosen.dataset.on = ""; chosen.scrollIntoView({ block: "nearest" }); }
  };
  ask?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.preventDefault(); palette.close(); }
    if (event.key === "ArrowDown") { event.preventDefault(); pick(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); pick(-1); }
    if (event.key === "Enter") { event.preventDefault(); ($("#sc-palette-list a[data-on]") || $("#sc-palette-list a"))?.click(); }
  });
  palette?.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "sc-palette-list") pick(1); });

  /* -------------------------------------------------- the button that submits is part of the form,
     also when it stands outside and points at it with form= */
  document.addEventListener("htmx:configRequest", (event) => {
    const by = event.detail.triggeringEvent?.submitter;
    if (by?.name && !event.detail.formData.has(by.name)) event.detail.formData.set(by.name, by.value);
  });

  /* -------------------------------------------------- progress of a request */
  let running = 0;
  const busy = (step) => { running = Math.max(0, running + step); $("#sc-busy")?.toggleAttribute("data-on", running > 0); };
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.id !== "sc-counts") busy(1); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.elt.id !== "sc-counts") busy(-1); });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.id === "sc-counts") return;
    const status = event.detail.xhr.status;
    sc.toast(status === 503 ? "系统繁忙，请稍后重试" : `未能取得数据（${status}），请刷新页面`, "bad");
  });
  document.addEventListener("htmx:sendError", (event) => { if (event.detail.elt.id !== "sc-counts") sc.toast("网络不通，已填写的内容还在，请稍后重试", "bad"); });

  /* -------------------------------------------------- a chosen file is named in our words */
  document.addEventListener("change", (event) => {
    const spot = event.target.matches?.("input[type=file]") && $("[data-chosen]", event.target.closest("form"));
    if (spot) spot.textContent = [...event.target.files].map((file) => file.name).join("、") || spot.dataset.chosen;
  });

  /* -------------------------------------------------- refusals jump to their field */
  document.addEventListener("click", (event) => {
    const jump = event.target.closest("[data-jump]");
    if (!jump) return;
    const field = document.getElementById(`f-${jump.dataset.jump}`) || document.getElementsByName(jump.dataset.jump)[0];
    if (field) { event.preventDefault(); field.scrollIntoView({ block: "center" }); field.focus(); }
  });
  $("[data-refusal]")?.focus();
  document.addEventListener("htmx:beforeRequest", (event) => { // a new attempt starts with a clean summary
    if (event.detail.requestConfig.verb === "post") $("#sc-refusals")?.replaceChildren();
  });

  /* -------------------------------------------------- counts of the menu and the bell */
  const paint = (counts) => Object.entries(counts).forEach(([id, text]) => { const spot = document.getElementById(id); if (spot) spot.textContent = text; });
  paint(kept(`counts:${year}`, {}));
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.elt.id !== "sc-counts") return;
    const counts = {};
    $$(".sc-count[id]").forEach((spot) => { counts[spot.id] = ""; });
    new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelectorAll("data").forEach((one) => { counts[one.id] = one.value; });
    paint(counts);
    keep(`counts:${year}`, counts);
  });

  /* -------------------------------------------------- keys */
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); }
    if (event.altKey && !event.ctrlKey && event.key.length === 1) {
      const wanted = $$(`[data-key="${event.key.toLowerCase()}"]`).find((one) => one.offsetParent);
      if (wanted) { event.preventDefault(); wanted.click(); }
    }
    if (event.key === "Escape") $$("details.sc-top-menu[open], details.sc-pop-menu[open]").forEach((menu) => { menu.open = false; $("summary", menu).focus(); });
  });
})();
