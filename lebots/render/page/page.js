"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const entries = [...document.querySelectorAll(".entry")];
  const groups = [...document.querySelectorAll(".group, .together, #unmanaged")];
  const filter = byId("filter");
  const field = byId("search");
  const boxes = [...document.querySelectorAll("#filter input[type=checkbox]")];
  let texts = null;

  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const chosen = (name) => boxes.filter((box) => box.name === name && box.checked).map((box) => box.value);

  function show() {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    const verbs = new Set(chosen("verb"));
    const kinds = new Set(chosen("kind"));
    if (words.length && !texts) texts = entries.map((entry) => folded(entry.textContent));
    let count = 0;
    entries.forEach((entry, at) => {
      const fits =
        (!verbs.size || verbs.has(entry.dataset.verb)) &&
        (!kinds.size || kinds.has(entry.dataset.kind)) &&
        words.every((word) => texts[at].includes(word));
      if (entry.hidden === fits) entry.hidden = !fits;
      count += fits;
    });
    const narrowed = words.length || verbs.size || kinds.size;
    for (const group of groups) {
      group.hidden = !group.querySelector(".entry:not([hidden])");
      if (narrowed && !group.hidden && group.matches(".together")) group.firstElementChild.open = true;
    }
    byId("shown").textContent = `${count} of ${entries.length} shown`;
    byId("clear").hidden = !narrowed;
  }

  function remember() {
    const view = new URLSearchParams();
    if (field.value.trim()) view.set("search", field.value.trim());
    for (const box of boxes) if (box.checked) view.append(box.name, box.value);
    const page = location.href.split("#")[0];
    const fragment = view.toString();
    history.replaceState(null, "", fragment ? `${page}#${fragment}` : page);
  }

  function restore(view) {
    field.value = view.get("search") ?? "";
    for (const box of boxes) box.checked = view.getAll(box.name).includes(box.value);
    show();
  }

  // A fragment is a view (#verb=create&kind=bot) or a place on the page (#change-3).
  function follow() {
    const fragment = location.hash.slice(1);
    const target = byId(fragment);
    if (!target) return restore(new URLSearchParams(fragment));
    if (!target.matches(".entry")) return;
    if (target.hidden) restore(new URLSearchParams());
    for (let at = target.querySelector("details"); at; at = at.parentElement.closest("details")) at.open = true;
    target.scrollIntoView();
  }

  function changed() {
    show();
    remember();
  }

  function unfold(open) {
    for (const entry of entries) {
      const details = !entry.hidden && entry.querySelector("details");
      if (details) details.open = open;
    }
    for (const group of groups) if (!group.hidden && group.matches(".together")) group.firstElementChild.open = open;
  }

  if (filter) {
    filter.hidden = false;
    filter.addEventListener("input", changed);
    byId("unfold").addEventListener("click", () => unfold(true));
    byId("fold").addEventListener("click", () => unfold(false));
    byId("clear").addEventListener("click", () => {
      restore(new URLSearchParams());
      remember();
      field.focus();
    });
    addEventListener("hashchange", follow);
    show();
    follow();
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const text = byId(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(text); // no right to the clipboard: one key is left to press
      }
    });
  }
})();
