/* The search box of every page: Ctrl-K or `/` opens it, what is typed is asked by POST
   (addresses are logged), arrows choose, Enter opens, Esc closes. Nothing is kept. */
"use strict";
(() => {
  const WAIT_MS = 150, LEAST = 2, PAGES = 5;
  const FAILED = {
    403: "You may not do this, or the page is too old. Reload it and try again.",
    429: "Too many searches; wait a minute, then type on.",
  };
  let box, field, list, said, opener = null, timer = 0, running = null, chosen = -1, listUrl = "", waitsForEnter = false;

  const options = () => [...list.querySelectorAll('[role="option"]')];

  function choose(at) {
    const all = options();
    chosen = all.length ? (at + all.length) % all.length : -1;
    all.forEach((option, nth) => option.setAttribute("aria-selected", String(nth === chosen)));
    if (chosen < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function show(sentence) {
    const any = options().length > 0;
    field.setAttribute("aria-expanded", String(any));
    said.textContent = sentence;
    chosen = -1;
    field.removeAttribute("aria-activedescendant");
  }

  function forget() {
    clearTimeout(timer);
    running?.abort();
    running = null;
    listUrl = "";
    waitsForEnter = false;
    list.replaceChildren();
    show("");
  }

  /* Pages of the sidebar, found here: the server need not be asked. */
  function addPages(text) {
    const wanted = text.toLowerCase();
    const links = [...document.querySelectorAll("#nav-sidebar-apps a[href]")];
    const name = (link) => (link.querySelector("span:not(.material-symbols-outlined, .v-badge)") || link).textContent.trim();
    links.filter((link) => name(link).toLowerCase().includes(wanted)).slice(0, PAGES).forEach((link, nth) => {
      const option = document.createElement("a");
      option.className = "v-hit";
      option.id = `v-page-${nth + 1}`;
      option.href = link.href;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const who = document.createElement("span"), kind = document.createElement("span");
      who.className = "v-name";
      who.textContent = name(link);
      kind.className = "v-meta";
      kind.textContent = "page";
      option.append(who, kind);
      list.append(option);
    });
  }

  async function ask(text) {
    running?.abort();
    const mine = running = new AbortController();
    const body = new URLSearchParams({ q: text });
    const token = box.querySelector('[name="csrfmiddlewaretoken"]').value;
    try {
      const answer = await fetch(box.dataset.url, {
        method: "POST", body, signal: mine.signal, cache: "no-store",
        headers: { "X-CSRFToken": token },
      });
      const html = await answer.text();
      if (mine !== running) return; // an older answer that came late
      if (answer.redirected) return void location.reload(); // signed out meanwhile
      if (!answer.ok) return fail(FAILED[answer.status] || "The server could not search. Try again.");
      list.innerHTML = html; // escaped by the server's template
      const found = list.firstElementChild;
      listUrl = found.dataset.list;
      list.replaceChildren(...found.children);
      addPages(text);
      show(found.dataset.said);
      if (waitsForEnter) enter();
    } catch (error) {
      if (error.name !== "AbortError" && mine === running) fail("The server cannot be reached. Check the connection.");
    } finally {
      if (mine === running) running = null;
    }
  }

  function fail(sentence) {
    list.replaceChildren();
    listUrl = "";
    waitsForEnter = false;
    show(sentence);
  }

  function typed() {
    const text = field.value.trim();
    forget();
    if (text.length < LEAST) return;
    timer = setTimeout(() => { timer = 0; ask(text); }, WAIT_MS);
  }

  /* What is chosen; else the only one found; else the whole list. */
  function enter() {
    const all = options();
    waitsForEnter = false;
    if (chosen >= 0) return void all[chosen].click();
    if (all.length === 1) return void all[0].click();
    if (listUrl) location.assign(listUrl);
    else if (all.length) choose(0);
  }

  function open() {
    if (!box.hidden) return field.select();
    opener = document.activeElement;
    box.hidden = false;
    document.body.classList.add("overflow-hidden");
    field.focus();
  }

  function close() {
    forget();
    field.value = "";
    box.hidden = true;
    document.body.classList.remove("overflow-hidden");
    opener?.focus();
    opener = null;
  }

  function pressed(event) {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Enter" && !event.isComposing) {
      if (timer || running) waitsForEnter = true; // typed faster than the answer comes
      else enter();
    } else return;
    event.preventDefault();
  }

  function shortcut(event) {
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      return close();
    }
    if (event.key === "Tab" && !box.hidden) {
      event.preventDefault();
      const shut = box.querySelector("[data-v-search-close]");
      return (document.activeElement === field ? shut : field).focus();
    }
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    const isCtrlK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    if (!isSlash && !isCtrlK) return;
    if (document.getElementById("modal-content")?.offsetParent) return; // one dialog at a time
    event.preventDefault();
    event.stopImmediatePropagation(); // the lists' own `/`
    open();
  }

  document.addEventListener("DOMContentLoaded", () => {
    box = document.getElementById("v-search");
    if (!box) return;
    field = document.getElementById("v-search-input");
    list = document.getElementById("v-search-list");
    said = document.getElementById("v-search-said");
    field.addEventListener("input", typed);
    field.addEventListener("keydown", pressed);
    window.addEventListener("keydown", shortcut, true);
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-v-search-open]")) open();
      else if (event.target === box || event.target.closest("[data-v-search-close]")) close();
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted && !box.hidden) close(); });
  });
})();
