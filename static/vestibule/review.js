/* The review desk: asks for the pages of a document as pictures, moves them, and keeps
   the two buttons of the decision from being pressed by accident. */
"use strict";
(() => {
  const desk = document.querySelector("[data-v-review]");
  if (!desk) return;
  const find = (name) => desk.querySelector(`[data-v-${name}]`);
  const [stage, body, sheet, said, spoken] = ["stage", "body", "sheet", "said", "spoken"].map(find);

  /* The preview ------------------------------------------------------------------- */
  const STEPS = [0.5, 0.75, 1, 1.5, 2, 3, 4];
  const WIDE = 2400; // pixels; the smaller picture is what the server makes unasked
  const state = { page: 1, pages: 1, step: STEPS.indexOf(1), turned: 0, isWide: false, asked: 0, shown: 0, url: "" };
  const image = () => sheet.querySelector("img");

  function say(sentence) {
    said.textContent = sentence;
    said.hidden = !sentence;
    if (sentence) sheet.hidden = true;
  }

  function tell() {
    const place = state.pages > 1 ? `page ${state.page} of ${state.pages}` : "";
    find("page").textContent = place ? `, ${place}` : "";
    spoken.textContent = [place, `${Math.round(STEPS[state.step] * 100)} %`, state.turned % 360 ? `turned ${state.turned % 360}°` : ""].filter(Boolean).join(", ");
    grey("back", state.page <= 1);
    grey("on", state.page >= state.pages);
    grey("smaller", state.step === 0);
    grey("larger", state.step === STEPS.length - 1);
    const leaves = find("leaves");
    if (leaves) leaves.hidden = state.pages < 2;
  }

  function grey(deed, isGrey) {
    const button = stage.querySelector(`[data-v-do="${deed}"]`);
    if (button) button.setAttribute("aria-disabled", String(isGrey));
  }

  /* The whole page is seen at 100 %; a turned one keeps its own room. */
  function lay() {
    const shown = image();
    if (!shown || !shown.naturalWidth) return;
    const isLying = state.turned % 180 !== 0;
    const [wide, high] = isLying ? [shown.naturalHeight, shown.naturalWidth] : [shown.naturalWidth, shown.naturalHeight];
    const margin = 2 * parseFloat(getComputedStyle(body).paddingLeft);
    const room = [body.offsetWidth - margin, body.offsetHeight - margin]; // without scroll bars
    const scale = Math.min(room[0] / wide, room[1] / high) * STEPS[state.step];
    // What was in the middle stays there; a fitting page has its middle there anyway.
    const middle = [(body.scrollLeft + body.clientWidth / 2) / body.scrollWidth, (body.scrollTop + body.clientHeight / 2) / body.scrollHeight];
    sheet.style.width = `${wide * scale}px`;
    sheet.style.height = `${high * scale}px`;
    shown.style.width = `${shown.naturalWidth * scale}px`;
    shown.style.transform = `translate(-50%, -50%) rotate(${state.turned}deg)`;
    body.scrollTo(middle[0] * body.scrollWidth - body.clientWidth / 2, middle[1] * body.scrollHeight - body.clientHeight / 2);
    const isBlurred = scale * window.devicePixelRatio > 1;
    if (isBlurred && !state.isWide && shown.naturalWidth >= WIDE / 2) load({ isWide: true });
  }

  async function load({ page = state.page, isWide = false } = {}) {
    const asked = (state.asked += 1);
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${stage.dataset.url}?page=${page}${isWide ? `&width=${WIDE}` : ""}`);
      const type = answer.headers.get("Content-Type") || "";
      const content = type.startsWith("image/") ? await answer.blob() : await answer.text();
      if (asked !== state.asked) return; // somebody leafed on meanwhile
      if (type.startsWith("text/plain")) say(content);
      else if (!answer.ok || answer.redirected) say("The preview cannot be shown. Reload the page and try again.");
      else if (typeof content === "string") showTable(content);
      else showPicture(content, { page, isWide, pages: Number(answer.headers.get("X-Pages")) || 1 });
    } catch {
      if (asked === state.asked) say("The server cannot be reached. Check the connection, then reload the page.");
    } finally {
      if (asked === state.asked) body.removeAttribute("aria-busy");
    }
  }

  function showPicture(content, { page, pages, isWide }) {
    Object.assign(state, { page: Math.min(page, pages), pages, isWide });
    if (state.url) URL.revokeObjectURL(state.url);
    state.url = URL.createObjectURL(content);
    const shown = image() || sheet.appendChild(document.createElement("img"));
    shown.alt = `${stage.dataset.name}, page ${state.page} of ${pages}`;
    const isOther = page !== state.shown;
    state.shown = page;
    shown.onload = () => { say(""); sheet.hidden = false; lay(); tell(); if (isOther) body.scrollTo(body.scrollLeft, 0); };
    shown.src = state.url;
  }

  /* The server has escaped every cell; the answer is ours, of this origin. */
  function showTable(html) {
    sheet.innerHTML = html;
    say("");
    sheet.hidden = false;
  }

  const DEEDS = {
    back: () => leaf(state.page - 1),
    on: () => leaf(state.page + 1),
    smaller: () => zoom(-1),
    larger: () => zoom(1),
    turn: () => { state.turned += 90; lay(); tell(); },
  };
  function leaf(page) {
    load({ page, isWide: state.isWide });
  }
  function zoom(by) {
    state.step = Math.min(Math.max(state.step + by, 0), STEPS.length - 1);
    lay();
    tell();
  }
  stage.addEventListener("click", (event) => {
    const button = event.target.closest("[data-v-do]");
    if (button && button.getAttribute("aria-disabled") !== "true") DEEDS[button.dataset.vDo]();
  });

  /* Hidden on a phone's list: what nobody sees is not asked for, so not logged. */
  if (stage.dataset.url) {
    new IntersectionObserver((entries, watcher) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      load();
      new ResizeObserver(lay).observe(body);
    }).observe(body);
  }

  /* What scrolls can be reached by the keyboard; what does not is no stop on the way. */
  const facts = find("facts");
  new ResizeObserver(() => {
    if (facts.scrollHeight > facts.clientHeight) facts.tabIndex = 0;
    else facts.removeAttribute("tabindex");
  }).observe(facts);

  /* The decision -------------------------------------------------------------------- */
  const form = find("decide");
  if (!form) return;
  const reject = find("reject");
  const opened = performance.now();
  const TWICE_MS = 600; // the second click of a double click is not about this document
  const allow = () => {
    if (form.querySelector('input[name="reason"]:checked:enabled')) reject.setAttribute("aria-disabled", "false");
  };
  form.addEventListener("change", allow);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches('input[type="radio"]')) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    const isGreyed = event.submitter?.getAttribute("aria-disabled") === "true";
    if (isGreyed || form.dataset.sent || performance.now() - opened < TWICE_MS) event.preventDefault();
    else form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { delete form.dataset.sent; allow(); });
})();
