/* 选择器 picker: a combobox over options the server renders; trees load their children lazily.

   An input with data-pick="URL" asks URL?q=… for a flat list of <li role="option">; an option with
   aria-expanded has children at URL?parent=…. Choosing fires "pick:chosen" on the input.
   With data-free what is typed stands, unless an option is lit with the arrow keys or clicked. */
(() => {
  "use strict";
  const panel = document.createElement("ul");
  panel.className = "sc-pick";
  panel.id = "sc-pick";
  panel.setAttribute("role", "listbox");
  panel.hidden = true;
  let owner = null;
  let timer = 0;
  let asked = "";
  let shown = null; // the text whose options the panel shows; null while they are on their way

  const options = () => [...panel.querySelectorAll('[role="option"]')];
  const active = () => panel.querySelector('[aria-selected="true"]');
  const level = (option) => Number(option.getAttribute("aria-level") || 1);

  function ask(parameters) {
    const url = new URL(owner.dataset.pick, location.href);
    const unit = document.querySelector('#sc-doc [name="unit"]');
    if (unit) url.searchParams.set("unit", unit.value);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return window.sc.withYear(url.pathname + url.search);
  }

  async function load(text) {
    const wanted = ask(text ? { q: text } : {});
    asked = wanted;
    shown = null;
    const asking = owner;
    const answer = await fetch(wanted, { headers: { "HX-Request": "true" } });
    if (!answer.ok || asked !== wanted || owner !== asking) return;
    panel.innerHTML = await answer.text();
    shown = text;
    const current = options().find((o) => o.dataset.value === owner.value.split(" ")[0]);
    if ((text && owner.dataset.free === undefined) || current) light(current || options().find((o) => !o.ariaDisabled) || options()[0]);
    place();
  }

  function open(input) {
    if (owner === input && !panel.hidden) return;
    owner = input;
    (input.closest("dialog") || document.body).append(panel);
    panel.replaceChildren();
    panel.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", panel.id);
    place();
    load(input.dataset.typed || "");
  }

  function close() {
    if (!owner) return;
    clearTimeout(timer);
    owner.setAttribute("aria-expanded", "false");
    owner.removeAttribute("aria-activedescendant");
    delete owner.dataset.typed;
    owner = null;
    asked = "";
    panel.hidden = true;
  }

  function place() {
    if (!owner) return;
    const box = owner.getBoundingClientRect();
    panel.style.minWidth = `${Math.max(300, box.width)}px`;
    const below = innerHeight - box.bottom - 60;
    const up = below < Math.min(panel.offsetHeight, 220) && box.top > below;
    panel.style.left = `${Math.min(box.left, innerWidth - panel.offsetWidth - 8) + scrollX}px`;
    panel.style.top = `${(up ? box.top - panel.offsetHeight - 3 : box.bottom + 3) + scrollY}px`;
  }

  function light(option) {
    active()?.setAttribute("aria-selected", "false");
    if (!option) return;
    option.id = option.id || `sc-pick-${options().indexOf(option)}`;
    option.setAttribute("aria-selected", "true");
    owner.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function choose(option) {
    if (option.hasAttribute("aria-expanded")) return toggle(option);
    if (option.getAttribute("aria-disabled") === "true") return undefined;
    const input = owner;
    input.value = option.dataset.full || option.dataset.value;
    const detail = { value: option.dataset.value, text: option.dataset.text || "" };
    close();
    input.dispatchEvent(new CustomEvent("pick:chosen", { bubbles: true, detail }));
    return input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function toggle(option, wanted) {
    const open = option.getAttribute("aria-expanded") === "true";
    if (wanted === open) return;
    option.setAttribute("aria-expanded", String(!open));
    if (open) {
      while (option.nextElementSibling && level(option.nextElementSibling) > level(option)) {
        option.nextElementSibling.remove();
      }
      return;
    }
    const parameters = { parent: option.dataset.value, level: level(option) + 1 };
    const answer = await fetch(ask(parameters), { headers: { "HX-Request": "true" } });
    if (answer.ok) option.insertAdjacentHTML("afterend", await answer.text());
    place();
  }

  function step(by) {
    const all = options();
    if (all.length) light(all[(all.indexOf(active()) + by + all.length) % all.length]);
  }

  function up(option) {
    let above = option.previousElementSibling;
    while (above && level(above) >= level(option)) above = above.previousElementSibling;
    if (above) light(above);
  }

  /** Enter came before the options did: what fits the text is chosen once it is known. */
  async function wait() {
    const asking = owner;
    clearTimeout(timer);
    await load(asking.dataset.typed || "");
    if (owner === asking && active()) choose(active());
  }

  /** True when the key was the picker's. */
  function key(event) {
    if (!owner || panel.hidden || event.isComposing) return false;
    const option = active();
    const typing = Boolean(owner.dataset.typed);
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(option ? -1 : 0);
    else if (event.key === "Escape") close();
    else if (event.key === "ArrowRight" && option?.hasAttribute("aria-expanded") && !typing) toggle(option, true);
    else if (event.key === "ArrowLeft" && option && !typing) {
      if (option.getAttribute("aria-expanded") === "true") toggle(option, false);
      else up(option);
    } else if (event.key === "Enter" && !option && owner.dataset.free !== undefined) return false;
    else if (event.key === "Enter" && typing && shown !== owner.dataset.typed) wait();
    else if (event.key === "Enter" && option) choose(option);
    else if (event.key === "Tab" && option && typing && shown === owner.dataset.typed) {
      if (!option.hasAttribute("aria-expanded")) choose(option);
      return false;
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  const isPicker = (element) => element instanceof HTMLInputElement && element.dataset.pick !== undefined;
  document.addEventListener("focusin", (event) => {
    if (owner && event.target !== owner && !panel.contains(event.target)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (isPicker(event.target)) setTimeout(() => open(event.target), 0);
    else if (owner && !panel.contains(event.target)) close();
  });
  document.addEventListener("input", (event) => {
    if (!isPicker(event.target) || !event.isTrusted) return;
    event.target.dataset.typed = event.target.value.trim();
    if (owner !== event.target) return open(event.target);
    clearTimeout(timer);
    timer = setTimeout(() => load(event.target.value.trim()), 120);
  });
  document.addEventListener("keydown", (event) => {
    if (!isPicker(event.target)) return;
    if (key(event)) return;
    if (event.key === "ArrowDown" && panel.hidden) {
      event.preventDefault();
      open(event.target);
    }
  }, true);
  panel.addEventListener("pointerdown", (event) => event.preventDefault());
  panel.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    light(option);
    if (event.target.closest(".sc-twig") && option.hasAttribute("aria-expanded")) toggle(option);
    else choose(option);
  });
  addEventListener("resize", close);
  document.addEventListener("scroll", (event) => {
    if (owner && !panel.contains(event.target)) place();
  }, true);
  window.Shucai = Object.assign(window.Shucai || {}, { picker: { open, close, isOpen: () => !panel.hidden } });
})();
