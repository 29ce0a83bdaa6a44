/* Mends what Unfold's markup lacks for keyboards and screen readers, and adds the few
   movements of our own pages: copy buttons, the counter of a difference, `/`. */
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const FOCUSABLE = 'a[href], button:not([disabled]), input:not([type="hidden"]), select, textarea, [tabindex="0"]';
  let opener = null; // what had the focus before a dialog opened

  /* Things that are clicked but cannot be reached: user menu, row menus, sheet, palette. */
  const CLICKED = '#nav-sidebar [x-on\\:click]:not(a[href], button), #nav-sidebar [x-on\\:click*="opencommand"],'
    + ' td [x-on\\:click*="openActions"], #page a[x-on\\:click]:not([href])';
  const NAMES = { openUserLinks: "User menu", opencommand: "Find", sidebarMobileOpen: "Close menu", openActions: "More actions" };

  function mend(root = document) {
    all(".material-symbols-outlined", root).forEach((icon) => icon.setAttribute("aria-hidden", "true"));
    all(CLICKED, root).forEach((it) => {
      it.tabIndex = 0;
      it.setAttribute("role", "button");
      it.dataset.vButton = "";
      const name = Object.keys(NAMES).find((key) => it.getAttribute("x-on:click").includes(key));
      if (name) it.setAttribute("aria-label", NAMES[name]);
      if (it.matches(".material-symbols-outlined")) it.removeAttribute("aria-hidden");
    });
    all("#result_list td", root).forEach((cell) => {
      const caption = cell.dataset.label || "";
      cell.dataset.label = caption.charAt(0).toUpperCase() + caption.slice(1);
      if (["", "-", "–"].includes(cell.textContent.trim()) && !cell.querySelector("input, a, svg")) cell.classList.add("v-empty-cell");
    });
    all('[x-data="searchCommand()"]').forEach((it) => {
      it.setAttribute("role", "dialog");
      it.setAttribute("aria-label", "Find");
    });
    all('#nav-sidebar-apps a.active').forEach((link) => link.setAttribute("aria-current", "page"));
  }

  /* Enter and Space press what we made a button; arrows walk through an open menu. */
  document.addEventListener("keydown", (event) => {
    const here = event.target;
    if (here.matches("[data-v-button]") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      here.click();
      return;
    }
    const menus = all('.v-menu, nav.absolute, [x-teleport] nav').filter((menu) => menu.offsetParent && menu.querySelector("a, button"));
    const menu = here.closest(".v-menu, nav.absolute") || (here.matches('[aria-expanded="true"], [data-v-button]') && menus.at(-1));
    if (menu && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
      const items = all("a, button", menu);
      items.forEach((item) => { if (!item.hasAttribute("href")) item.tabIndex = 0; });
      const at = items.indexOf(here);
      const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
      event.preventDefault();
      items.at(to % items.length)?.focus();
    }
    if (event.key === "Tab" && document.getElementById("modal-content")?.offsetParent) keepInside(event);
  });

  function keepInside(event) {
    const items = all(FOCUSABLE, document.getElementById("modal-content")).filter((item) => item.offsetParent);
    const edge = event.shiftKey ? items[0] : items.at(-1);
    if (document.activeElement === edge || !document.activeElement.closest("#modal-content")) {
      event.preventDefault();
      (event.shiftKey ? items.at(-1) : items[0])?.focus();
    }
  }

  /* Dialogs: a role, a name, the focus in, and back where it came from. */
  function watchDialog(box) {
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-labelledby", "dialog-title");
    box.tabIndex = -1;
    new MutationObserver(() => {
      const open = box.parentElement.style.display !== "none" && !box.parentElement.hasAttribute("x-cloak");
      if (open && !opener) {
        opener = document.activeElement;
        const first = all("#dialog-form " + FOCUSABLE.split(", ").join(", #dialog-form "), box).find((item) => item.offsetParent);
        // Who was quicker than the dialog stays where they are, or types into another field.
        setTimeout(() => { if (!box.contains(document.activeElement)) (first || box.querySelector('button[type="submit"]') || box).focus(); }, 30);
      } else if (!open && opener) {
        opener.focus();
        opener = null;
      }
    }).observe(box.parentElement, { attributes: true, attributeFilter: ["style"] });
  }

  function say(sentence) {
    const box = document.getElementById("modal-content");
    box.innerHTML = '<div id="dialog"><h1 id="dialog-title">That did not work</h1><p class="v-error"></p></div>';
    box.querySelector("p").textContent = sentence;
  }
  const OURS = ["modal-content", "dialog-form"];
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (!OURS.includes(target.id) || xhr.status !== 200 || xhr.responseText.includes('id="dialog"')) return;
    event.detail.shouldSwap = false; // a whole page came: logged out, or sent elsewhere
    window.location = xhr.responseURL || window.location;
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!OURS.includes(event.detail.target?.id)) return;
    const refused = event.detail.xhr.status === 403;
    say(refused ? "You may not do this, or the page is too old. Reload it and try again." : "The server could not do this. Nothing was changed.");
  });
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Check the connection, then try again."));
  document.addEventListener("htmx:afterSwap", (event) => {
    const palette = document.querySelector('[x-data="searchCommand()"]');
    if (event.detail.target.id === "command-results") window.Alpine.$data(palette).currentIndex = 1; // Enter takes the first
    mend(event.detail.target.isConnected ? event.detail.target : document);
    document.querySelector("#dialog-form .errors input, #dialog-form .errors select, #dialog-form .errors textarea, #dialog-form .v-error")?.focus();
  });

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-v-copy]");
    if (copy) {
      navigator.clipboard.writeText(copy.dataset.vCopy).then(() => {
        const icon = copy.querySelector(".material-symbols-outlined");
        copy.title = "Copied";
        if (icon) icon.textContent = "check";
      });
    }
    const greyed = event.target.closest('[aria-disabled="true"]');
    if (greyed) event.preventDefault();
  });

  /* "Accept 2 fields": the button says what it will do. */
  function count(form) {
    const chosen = all('input[type="radio"][value="theirs"]:checked', form).length;
    const button = form.querySelector("[data-v-accept]");
    button.textContent = `Accept ${chosen} field${chosen === 1 ? "" : "s"}`;
    button.setAttribute("aria-disabled", String(chosen === 0));
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-v-difference]");
    if (form) count(form);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = document.getElementById("searchbar") || document.querySelector("[data-v-search]");
    if (box) { event.preventDefault(); box.focus(); }
  });

  /* Unfold hides the page until Alpine stands, and what is hidden takes no focus. */
  document.addEventListener("alpine:initialized", () => {
    const named = location.hash.startsWith("#id_") ? document.getElementById(location.hash.slice(1)) : null;
    const first = document.querySelector("[data-v-first]") || named || document.querySelector("[autofocus]");
    if (first) setTimeout(() => first.focus(), 30);
  });

  document.addEventListener("DOMContentLoaded", () => {
    mend();
    all("form[data-v-difference]").forEach(count);
    const box = document.getElementById("modal-content");
    if (box) watchDialog(box);
  });
})();
