"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const form = by("filters"), wiki = by("f-wiki"), rule = by("f-rule"), count = by("f-count");
  // A page without a matrix has no such box; one that is nowhere stands in for it.
  const only = by("f-only") || document.createElement("input");
  const boxes = { severity: [...form.querySelectorAll("[name=severity]")], state: [...form.querySelectorAll("[name=state]")] };
  const data = JSON.parse(by("data").textContent);
  const groups = [...document.querySelectorAll("section.rule")].map((node) => ({ node, articles: [...node.querySelectorAll("article")] }));
  const articles = groups.flatMap((group) => group.articles);
  const rows = [...document.querySelectorAll(".matrix tbody tr")].map((node) => ({ node, name: node.firstElementChild.textContent }));
  const known = new Set(data.wikis);
  let here = "";

  const sets = data.sets.map((set) => {
    if (typeof set !== "string") return set;
    const bits = atob(set), out = [];
    for (let n = 0; n < data.wikis.length; n++) if ((bits.charCodeAt(n >> 3) >> (n & 7)) & 1) out.push(n);
    return out;
  });

  // A name that is a wiki means that wiki; anything else, or a name with an asterisk, is the beginning of names.
  const matcher = (text) => {
    const asked = text.split(/[\s,]+/).filter(Boolean);
    if (!asked.length) return null;
    return (name) => asked.some((one) => (known.has(one) ? name === one : name.startsWith(one.replace(/\*+$/, ""))));
  };

  const apply = () => {
    const wanted = matcher(wiki.value);
    const fits = wanted && data.wikis.map(wanted);
    const inSet = fits && sets.map((set) => set.some((n) => fits[n]));
    const chosen = (name) => new Set(boxes[name].filter((box) => box.checked).map((box) => box.value));
    const severity = chosen("severity"), state = chosen("state");
    let number = 0, left = 0;
    for (const { node, articles: held } of groups) {
      // In a group by extension each article has a rule of its own.
      const of = (article, name) => article.dataset[name] || node.dataset[name];
      let some = 0;
      for (const article of held) {
        const open = severity.has(of(article, "severity")) && (!rule.value || rule.value === of(article, "rule"));
        const show = open && state.has(article.dataset.state || "active") && (!inSet || inSet[data.of[number]]);
        if (article.hidden === show) article.hidden = !show;
        some += show;
        number += 1;
      }
      node.hidden = !some;
      left += some;
    }
    for (const { node, name } of rows) node.hidden = (wanted && !wanted(name)) || (only.checked && !node.classList.contains("loud"));
    count.textContent = `${left} of ${articles.length} finding${articles.length === 1 ? "" : "s"}`;
    by("none").hidden = left > 0 || !articles.length;
    form.classList.toggle("filtered", Boolean(fragment()));
  };

  // The state of the filters as a URL fragment; empty when nothing is filtered.
  const fragment = () => {
    const out = [];
    const put = (name, text) => out.push(`${name}=${encodeURIComponent(text).replace(/%2C/g, ",")}`);
    if (wiki.value.trim()) put("wiki", wiki.value.trim());
    if (rule.value) put("rule", rule.value);
    for (const name of ["severity", "state"]) {
      const on = boxes[name].filter((box) => box.checked);
      if (on.length < boxes[name].length) put(name, on.map((box) => box.value).join(","));
    }
    if (only.checked) put("only", "diverging");
    return out.join("&");
  };
  const address = () => `#${[fragment(), here && (fragment() ? `at=${here}` : here)].filter(Boolean).join("&")}`;

  const restore = () => {
    const text = location.hash.slice(1);
    const held = new URLSearchParams(text.includes("=") ? text : "");
    wiki.value = held.get("wiki") || "";
    rule.value = held.get("rule") || "";
    if (rule.selectedIndex < 0) rule.value = "";
    for (const name of ["severity", "state"]) {
      const on = held.has(name) ? held.get(name).split(",") : null;
      for (const box of boxes[name]) box.checked = !on || on.includes(box.value);
    }
    only.checked = held.has("only");
    here = text.includes("=") ? held.get("at") || "" : text;
    apply();
    if (here) go(here, false);
  };

  const changed = () => {
    apply();
    history.replaceState(null, "", address());
  };

  // Go to a place of the page. One that the filters hide is worth more than the filters.
  const go = (id, push) => {
    const target = by(id);
    if (!target) return;
    if (target.closest("[hidden]")) clear();
    for (const article of document.querySelectorAll(".at-hand")) article.classList.remove("at-hand");
    if (target.matches("article")) target.classList.add("at-hand");
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
    here = id;
    if (push) history.pushState(null, "", address());
  };

  const clear = () => {
    wiki.value = rule.value = "";
    only.checked = false;
    for (const box of [...boxes.severity, ...boxes.state]) box.checked = true;
    apply();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href").slice(1), true);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key !== "j" && event.key !== "k") return;
    const shown = articles.filter((article) => !article.closest("[hidden]"));
    const at = shown.indexOf(document.activeElement.closest("article"));
    const next = shown[event.key === "j" ? at + 1 : Math.max(at, 1) - 1];
    if (next) go(next.id, true);
  });
  wiki.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  wiki.addEventListener("input", changed);
  form.addEventListener("change", changed);
  only.addEventListener("change", changed);
  by("f-clear").addEventListener("click", (event) => {
    event.preventDefault();
    clear();
    here = "";
    history.replaceState(null, "", location.pathname + location.search);
    wiki.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", restore);
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) {
      part.open = true;
      part.dataset.printed = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const part of document.querySelectorAll("details[data-printed]")) {
      part.open = false;
      delete part.dataset.printed;
    }
  });
  // A sign alone says little to a screen reader, and a tall head is far from its cell.
  const said = { "=": "agrees", "!": "diverges", w: "diverges, does not count", "?": "not known", "-": "not in beta", ".": "nothing to compare" };
  for (const { node } of rows) for (const link of node.querySelectorAll("a")) if (said[link.textContent]) link.ariaLabel = said[link.textContent];
  document.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td:not([colspan])");
    if (!cell || cell.title) return;
    const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex].firstElementChild;
    cell.title = `${cell.parentNode.firstElementChild.textContent}, ${head.textContent}: ${said[cell.textContent.trim()]}`;
  });
  document.documentElement.classList.add("scripted");
  for (const part of [form, ...document.querySelectorAll(".only")]) part.hidden = false;
  restore();
})();
