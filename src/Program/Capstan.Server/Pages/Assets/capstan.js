// What pages do beyond links and forms: follow changes, search while one types, a palette, copying, times that grow.
// Everything that matters works without this file.
"use strict";

(() => {
  const guard = document.body.dataset.guard;
  const live = () => document.getElementById("live");

  // Requests of htmx carry the session's word, as forms do.
  document.addEventListener("htmx:configRequest", (event) => {
    if (guard) event.detail.headers["X-Capstan-Guard"] = guard;
  });

  // 1. Follow changes: the server says that something changed, and the page asks for itself anew. The browser comes back with the id of the
  //    last event by itself when the connection breaks. A page that nobody sees follows nothing.
  let source = null;
  let timer = 0;
  let asked = 0;
  let waiting = false;
  const state = document.getElementById("link-state");
  const busy = () => {
    const open = document.querySelector("dialog[open]");
    const field = document.activeElement;
    return open !== null || (field && field.closest("#live form") && field.matches("input, select, textarea"));
  };
  const refresh = async () => {
    timer = 0;
    if (busy()) { timer = setTimeout(refresh, 500); return; }
    if (waiting) { timer = setTimeout(refresh, 100); return; }
    waiting = true;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = next.getElementById("live");
      if (!fresh || !live()) return;
      keepPlace(fresh);
      const icon = next.querySelector('link[rel="icon"]');
      if (icon) document.querySelector('link[rel="icon"]').href = icon.getAttribute("href");
      document.title = next.title;
    } finally {
      waiting = false;
    }
  };
  // What a person did to the page (scrolled, unfolded, focused) stays.
  const keepPlace = (fresh) => {
    const old = live();
    const scrolls = [...old.querySelectorAll(".scroll, pre")].map((e) => [e.scrollLeft, e.scrollTop]);
    const folds = [...old.querySelectorAll("details")].map((e) => e.open);
    const focused = document.activeElement && old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    [...fresh.querySelectorAll("details")].forEach((e, i) => { if (i in folds) e.open = folds[i]; });
    const picked = [...old.querySelectorAll("input[type=checkbox]:checked")].map((e) => e.value);
    old.replaceChildren(...fresh.childNodes);
    old.dataset.live = fresh.dataset.live ?? "";
    old.querySelectorAll("input[type=checkbox][data-pick]").forEach((e) => { e.checked = picked.includes(e.value); });
    [...old.querySelectorAll(".scroll, pre")].forEach((e, i) => { if (i in scrolls) [e.scrollLeft, e.scrollTop] = scrolls[i]; });
    if (focused) [...old.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus({ preventScroll: true });
    decorate(old);
    if (window.htmx) window.htmx.process(old);
  };
  const changed = () => {
    if (timer) return;
    // At most four times a second, but the first one at once.
    timer = setTimeout(refresh, Math.max(20, 250 - (Date.now() - asked)));
  };
  const follow = () => {
    const address = live()?.dataset.live;
    if (!address || source || document.hidden) return;
    source = new EventSource(address);
    for (const kind of ["application", "run", "pipeline", "release"]) source.addEventListener(kind, changed);
    source.addEventListener("reset", changed);
    source.onopen = () => { if (state.textContent) { state.textContent = ""; changed(); } };
    source.onerror = () => { state.textContent = "Not connected; trying again"; };
  };
  const leave = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { leave(); return; }
    if (!source && live()?.dataset.live) changed();
    follow();
  });
  window.addEventListener("pagehide", leave);

  // 2. Times grow, commands can be copied.
  const ago = (seconds) => seconds < 5 ? "just now" : seconds < 60 ? `${Math.floor(seconds)} s ago` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ago`
    : seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} d ago`;
  const tick = () => document.querySelectorAll("time[datetime]").forEach((e) => {
    const text = ago(Math.max(0, (Date.now() - Date.parse(e.dateTime)) / 1000));
    if (e.textContent !== text) e.textContent = text;
  });
  const until = (seconds) => seconds <= 0 ? "now" : seconds < 60 ? `in ${Math.ceil(seconds)} s` : seconds < 3600 ? `in ${Math.floor(seconds / 60) + 1} min`
    : seconds < 86400 ? `in ${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min` : `in ${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600) % 24} h`;
  setInterval(() => document.querySelectorAll("time[data-until]").forEach((e) => { e.textContent = until((Date.parse(e.dataset.until) - Date.now()) / 1000); }), 1000);
  setInterval(tick, 5000);
  const decorate = (root) => {
    root.querySelectorAll("button.copy").forEach((button) => { button.hidden = !navigator.clipboard; });
    const form = root.querySelector("form[data-live-form]");
    if (form) form.querySelectorAll("select").forEach((select) => select.addEventListener("change", () => form.requestSubmit()));
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // 3. Search while one types: htmx puts the answer in place, and the address follows, so that it can be shared.
  let typing = 0;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[data-search]") || !window.htmx) return;
    clearTimeout(typing);
    typing = setTimeout(async () => {
      const form = field.form;
      const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
      const address = form.getAttribute("action") + (query.size ? `?${query}` : "");
      const place = field.selectionStart;
      await window.htmx.ajax("GET", address, { target: "#live", select: "#live", swap: "outerHTML" });
      history.replaceState(null, "", address);
      const again = document.querySelector("[data-search]");
      if (again) { again.focus(); again.setSelectionRange(place, place); }
      decorate(live());
    }, 200);
  });

  // 4. The palette: Ctrl+K, arrows, Enter.
  const palette = document.getElementById("palette");
  if (palette) {
    const input = palette.querySelector("input");
    const list = palette.querySelector("ul");
    let chosen = 0;
    const choose = (index) => {
      const items = [...list.children];
      if (items.length === 0) return;
      chosen = (index + items.length) % items.length;
      items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
      input.setAttribute("aria-activedescendant", items[chosen].id);
      items[chosen].scrollIntoView({ block: "nearest" });
    };
    let asking = 0;
    const fill = async () => {
      // An answer that comes after that to a later question is of no use any more.
      const mine = ++asking;
      const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(input.value.trim())}`);
      if (!answer.ok) return;
      const { items } = await answer.json();
      if (mine !== asking) return;
      list.replaceChildren(...items.map((place, i) => {
        const item = document.createElement("li");
        item.id = `place-${i}`;
        item.setAttribute("role", "option");
        item.dataset.address = place.address;
        const [name, kind] = [document.createElement("span"), document.createElement("span")];
        name.textContent = place.name;
        kind.textContent = place.state ? `${place.kind} · ${place.state}` : place.kind;
        item.append(name, kind);
        return item;
      }));
      choose(0);
    };
    const open = () => { if (!palette.open) { palette.showModal(); input.value = ""; fill(); } };
    document.querySelectorAll("[data-palette]").forEach((button) => { button.hidden = false; button.addEventListener("click", open); });
    let later = 0;
    input.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => { later = 0; fill(); }, 80); });
    const go = (item) => { if (item && item.dataset.address.startsWith("/")) location.assign(item.dataset.address); };
    input.addEventListener("keydown", async (event) => {
      if (event.key === "ArrowDown") { choose(chosen + 1); event.preventDefault(); }
      else if (event.key === "ArrowUp") { choose(chosen - 1); event.preventDefault(); }
      else if (event.key === "Enter") {
        event.preventDefault();
        // What was typed last is what is meant, also when its answer is still on the way.
        if (later) { clearTimeout(later); later = 0; await fill(); }
        go(list.children[chosen]);
      }
    });
    list.addEventListener("click", (event) => go(event.target.closest("li")));
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
    });
  }

  // 5. Keys: "/" searches; "g" and a letter go to a place of the menu.
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea") || palette?.open) return;
    if (event.key === "/") { const field = document.querySelector("[data-search]"); if (field) { event.preventDefault(); field.focus(); } }
    if (before === "g") {
      const link = [...document.querySelectorAll(".top nav a")].find((a) => a.dataset.key === event.key);
      if (link) link.click();
    }
    before = event.key;
    setTimeout(() => { before = ""; }, 1000);
  });

  // 6. A log grows: lines come as HTML that the server made, and go into the group that is open. Who reads at the end stays at the end.
  const log = document.getElementById("log");
  if (log?.dataset.log) {
    const groups = [log, ...[...log.querySelectorAll("details[data-last] > ol")]];
    const frame = log.closest(".scroll");
    const lines = new EventSource(log.dataset.log);
    const add = (html) => {
      const atEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 40;
      groups.at(-1).insertAdjacentHTML("beforeend", html);
      if (atEnd) frame.scrollTop = frame.scrollHeight;
    };
    lines.addEventListener("line", (event) => add(event.data));
    lines.addEventListener("group", (event) => { add(event.data); groups.push(groups.at(-1).lastElementChild.querySelector("ol")); });
    lines.addEventListener("end", () => { if (groups.length > 1) groups.pop(); });
    lines.addEventListener("done", () => { lines.close(); const told = document.querySelector("[data-log-state]"); if (told) told.textContent = "The log is complete."; });
    window.addEventListener("pagehide", () => lines.close());
  }
  // A line within a group that is folded is shown when the address names it.
  const target = location.hash.startsWith("#L") ? document.getElementById(location.hash.slice(1)) : null;
  if (target) {
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView({ block: "center" });
  }

  decorate(document);
  tick();
  follow();
})();
