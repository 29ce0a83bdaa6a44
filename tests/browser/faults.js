/* Called in the page; returns one sentence for each fault that a person would meet. */
() => {
  const faults = [];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });

  const shown = (it) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && it.getBoundingClientRect().width > 0 && it.getBoundingClientRect().height > 0;
  const told = (it) => it.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const offscreen = (it) => Boolean(it.closest(".v-hidden, .v-skip, .skip, .s-skip, [inert]"));

  /* What a screen reader would say, short of the full algorithm. */
  function name(it) {
    const by = (it.getAttribute("aria-labelledby") || "").split(" ")
      .map((id) => document.getElementById(id)?.innerText || "").join(" ");
    const label = it.getAttribute("aria-label") || by.trim();
    if (label) return label;
    const copy = it.cloneNode(true);
    copy.querySelectorAll('[aria-hidden="true"]').forEach((part) => part.remove());
    const images = [...copy.querySelectorAll("img")].map((image) => image.alt).join(" ");
    return (copy.textContent + images + (it.getAttribute("title") || "")).trim();
  }

  /* A colour of any notation as red, green, blue and how solid it is. */
  function channels(colour) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = "#000";
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return { parts: [red, green, blue], alpha: alpha / 255 };
  }
  function over(top, below) {
    return top.parts.map((part, at) => part * top.alpha + below[at] * (1 - top.alpha));
  }
  function behind(it) {
    const layers = [];
    for (let up = it; up; up = up.parentElement) {
      const layer = channels(getComputedStyle(up).backgroundColor);
      if (layer.alpha > 0) layers.push(layer);
      if (layer.alpha === 1) break;
    }
    const paper = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    return layers.reverse().reduce((below, layer) => over(layer, below), paper);
  }
  function light(parts) {
    const [red, green, blue] = parts.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  function contrast(it) {
    const paper = behind(it);
    const ink = over(channels(getComputedStyle(it).color), paper);
    const [high, low] = [light(ink), light(paper)].sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
  }

  const width = document.scrollingElement.scrollWidth;
  if (width > innerWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter((it) => shown(it)
      && it.getBoundingClientRect().right > innerWidth + 1);
    faults.push(`${width} px wide in a window of ${innerWidth}: ${wide.slice(-3).map(told).join(" | ")}`);
  }
  if (!document.documentElement.lang) faults.push("The page names no language.");
  if (!document.title.trim()) faults.push("The page has no title.");
  const titles = [...document.querySelectorAll('h1, [role="heading"][aria-level="1"]')].filter(shown);
  if (titles.length !== 1) faults.push(`${titles.length} headings of the first level: ${titles.map(told).join(" | ")}`);

  const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
  const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  document.querySelectorAll("label[for]").forEach((label) => {
    if (twice.has(label.htmlFor)) faults.push(`Two fields are called ${label.htmlFor}.`);
  });

  document.querySelectorAll("img").forEach((it) => {
    if (!it.hasAttribute("alt")) faults.push(`An image without words: ${told(it)}`);
  });
  document.querySelectorAll('a[href], button, [role="button"], summary').forEach((it) => {
    if (shown(it) && !name(it)) faults.push(`Nothing says what this does: ${told(it)}`);
  });
  document.querySelectorAll('input:not([type="hidden"]), select, textarea').forEach((it) => {
    const label = [...(it.labels || [])].map((one) => one.textContent).join("").trim();
    if (shown(it) && !label && !name(it)) faults.push(`A field without a label: ${told(it)}`);
  });
  document.querySelectorAll('button, input[type="checkbox"], input[type="radio"], select').forEach((it) => {
    const box = (it.closest("label") || it).getBoundingClientRect();
    const reach = it.labels?.length ? Math.max(...[...it.labels].map((one) => one.getBoundingClientRect().height)) : 0;
    if (shown(it) && !offscreen(it) && Math.max(box.height, reach) < 23.5) {
      faults.push(`${Math.round(box.height)} px high, a finger needs 24: ${told(it)}`);
    }
  });

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const it = text.parentElement;
    const words = text.textContent.trim();
    if (!words || !shown(it) || offscreen(it)) continue;
    if (/\bNone\b|\{\{|\}\}|\{%|\bundefined\b|\bNaN\b/.test(words)) faults.push(`Reads “${words.slice(0, 60)}”.`);
    const off = it.closest('[disabled], [aria-disabled="true"], [aria-hidden="true"], noscript, script, style');
    if (off || seen.has(it)) continue;
    seen.add(it);
    const style = getComputedStyle(it);
    const size = parseFloat(style.fontSize);
    const needs = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const has = contrast(it);
    if (has < needs) faults.push(`Contrast ${has.toFixed(2)} of “${words.slice(0, 40)}”: ${told(it)}`);
  }
  /* The last key was Tab, so :focus-visible holds and a ring must be seen. */
  const had = document.activeElement;
  if (had !== document.body) {
    document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, [tabindex="0"]').forEach((it) => {
      if (!it.checkVisibility() || it.disabled) return;
      it.focus({ preventScroll: true });
      const rings = [it, it.closest("label"), it.parentElement].filter(Boolean).map((one) => getComputedStyle(one));
      const seenRing = rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
      if (document.activeElement === it && !seenRing) faults.push(`The focus is not seen: ${told(it)}`);
    });
    had.focus({ preventScroll: true });
  }
  return [...new Set(faults)];
}
