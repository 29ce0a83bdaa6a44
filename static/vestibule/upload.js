/* Adds documents: a row for each file, each sent by itself with its progress. A row
   stays until its file is stored, so that a refused one can be mended and sent again. */
"use strict";
(() => {
  const form = document.querySelector("form[data-v-upload]");
  if (!form) return;
  const rows = document.getElementById("upload-rows");
  const chooser = form.querySelector('input[type="file"]');
  const send = form.querySelector("[data-v-send]");
  const back = form.querySelector("[data-v-back]");
  const token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
  const MOST = Number(form.dataset.maxBytes);
  const waiting = new Set(); // rows that are not stored yet
  let made = 0, isSending = false;

  const BROKEN = "The connection broke off. Check it, then send the file again.";
  const SENTENCES = {
    0: BROKEN,
    400: "Not all of the file arrived. Send it again.",
    403: "You may not add documents, or the page is too old. Reload it and try again.",
    404: "This customer is not here any more.",
    413: "The file is larger than 25 MB.",
  };

  function newId() {
    if (window.crypto?.randomUUID) return crypto.randomUUID();
    // Absent where the page came without TLS. Version 4, as RFC 9562 draws it.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function sizeWords(bytes) {
    if (bytes < 1024) return `${bytes} bytes`;
    return bytes < 1024 ** 2 ? `${Math.floor(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  }

  function announce(words) {
    document.getElementById("upload-said").textContent = words;
  }

  /* --- one row ------------------------------------------------------------------ */
  function addRow(file) {
    const number = ++made;
    const box = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
    box.querySelectorAll("[id], [for]").forEach((it) => {
      for (const name of ["id", "for", "aria-describedby"]) {
        if (it.hasAttribute(name)) it.setAttribute(name, `${it.getAttribute(name)}-${number}`);
      }
    });
    box.querySelectorAll(".material-symbols-outlined").forEach((icon) => icon.setAttribute("aria-hidden", "true"));
    box.querySelector(".v-upload-name").textContent = file.name;
    box.querySelector(".v-upload-name").id = `file-name-${number}`;
    box.querySelector(".v-upload-size").textContent = sizeWords(file.size);
    box.setAttribute("aria-labelledby", `file-name-${number}`);
    box.querySelector("progress").setAttribute("aria-label", `Progress of ${file.name}`);
    box.querySelector(".v-upload-said").id = `file-said-${number}`;
    box.querySelector("[data-v-remove] .v-hidden").textContent = ` ${file.name}`;
    const row = { box, file, id: newId(), field: (name) => box.querySelector(`[name="${name}"]`) };
    row.field("kind").addEventListener("change", () => { mend(row, "kind"); askForIdType(row); });
    box.querySelectorAll("input, select").forEach((it) => it.addEventListener("input", () => mend(row, it.name)));
    box.querySelector("[data-v-remove]").addEventListener("click", () => removeRow(row));
    rows.append(box);
    waiting.add(row);
    askForIdType(row);
    const refusal = refusalOf(file);
    if (refusal) {
      row.isHopeless = true;
      box.querySelector(".v-fields").hidden = true;
      refuse(row, refusal);
    }
    return row;
  }

  function refusalOf(file) {
    if (file.size > MOST) return SENTENCES[413];
    return file.size === 0 ? "The file is empty." : "";
  }

  /* Only identity documents have a type of ID. */
  function askForIdType(row) {
    const isId = row.field("kind").value === "id";
    const type = row.field("id_type");
    type.closest(".v-field").hidden = !isId;
    if (!isId) type.value = "";
  }

  function mend(row, name) {
    const field = row.field(name);
    field.removeAttribute("aria-invalid");
    field.closest(".v-field").classList.remove("errors");
  }

  function show(row, tone, words) {
    const place = row.box.querySelector(".v-upload-tone");
    const drawn = document.querySelector(`template[data-v-tone="${tone}"]`);
    place.replaceChildren(...(drawn ? [drawn.content.cloneNode(true)] : []));
    row.box.classList.toggle("v-refused", tone === "stop");
    row.box.querySelector(".v-upload-said").textContent = words;
  }

  function refuse(row, words, name = "") {
    row.box.querySelector("progress").hidden = true;
    show(row, "stop", words);
    const field = name && row.field(name);
    if (!field) return;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", row.box.querySelector(".v-upload-said").id);
    field.closest(".v-field").classList.add("errors");
  }

  function removeRow(row) {
    const next = row.box.nextElementSibling || row.box.previousElementSibling;
    waiting.delete(row);
    row.box.remove();
    announce(`${row.file.name} is removed.`);
    (next?.querySelector("[data-v-remove]:not([hidden])") || chooser).focus();
    count();
  }

  function enable(row, isOn) {
    row.box.querySelectorAll("input, select, button").forEach((it) => { it.disabled = !isOn; });
  }

  /* --- sending ------------------------------------------------------------------ */
  function sendRow(row) {
    const body = new FormData();
    for (const name of ["kind", "id_type", "issued_on", "expires_on"]) body.append(name, row.field(name).value);
    body.append("id", row.id);
    body.append("file", row.file, row.file.name);
    const bar = row.box.querySelector("progress");
    bar.hidden = false;
    bar.value = 0;
    enable(row, false);
    show(row, "wait", "Being sent.");
    return new Promise((done) => {
      const call = new XMLHttpRequest();
      call.open("POST", form.dataset.sendUrl);
      call.setRequestHeader("X-CSRFToken", token);
      call.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = Math.round((100 * event.loaded) / event.total);
        show(row, "wait", event.loaded < event.total ? `${bar.value} % sent.` : "Sent, being looked at.");
      });
      for (const end of ["load", "error", "abort", "timeout"]) {
        call.addEventListener(end, () => { enable(row, true); settle(row, call); done(); });
      }
      call.send(body);
    });
  }

  function answerOf(call) {
    try {
      const said = JSON.parse(call.responseText);
      return typeof said.words === "string" ? said : null;
    } catch { // a page instead: logged out, or refused before our code was reached
      return null;
    }
  }

  function settle(row, call) {
    const said = answerOf(call);
    if (call.status === 201 && said) {
      row.box.querySelector("progress").hidden = true;
      row.box.classList.add("v-done");
      row.box.querySelector("[data-v-remove]").hidden = true;
      show(row, said.tone, said.words);
      waiting.delete(row);
      return;
    }
    const isLogin = call.status === 200;
    const words = isLogin
      ? "You were logged out. Log in again in another tab, then send the file again."
      : SENTENCES[call.status] || "The server could not take the file. Send it again later.";
    refuse(row, said ? said.words : words, said ? said.field : "");
  }

  async function sendAll() {
    const ready = [...waiting].filter((row) => !row.isHopeless);
    const vague = ready.filter((row) => !row.field("kind").value);
    vague.forEach((row) => refuse(row, "Choose a kind.", "kind"));
    if (vague.length) {
      announce(`${vague.length === 1 ? "One file has" : `${vague.length} files have`} no kind.`);
      vague[0].field("kind").focus();
      return;
    }
    isSending = true;
    count();
    for (const row of ready) {
      await sendRow(row);
      announce(`${row.file.name}: ${row.box.querySelector(".v-upload-said").textContent}`);
    }
    isSending = false;
    count();
    const wrong = ready.find((row) => waiting.has(row));
    (wrong?.box.querySelector('[aria-invalid="true"]') || (wrong ? send : back)).focus();
  }

  /* --- the page ----------------------------------------------------------------- */
  function count() {
    const able = [...waiting].filter((row) => !row.isHopeless).length;
    const isDone = !waiting.size && rows.childElementCount > 0;
    const noun = able === 1 ? "document" : "documents";
    send.textContent = isSending ? "Sending…" : able ? `Send ${able} ${noun}` : "Send documents";
    send.setAttribute("aria-disabled", String(isSending || !able));
    send.hidden = isDone;
    back.textContent = isDone ? "Back to the customer" : rows.querySelector(".v-done") ? "Back" : "Cancel";
    back.classList.toggle("v-primary", isDone);
    chooser.disabled = isSending;
  }

  function take(files) {
    if (isSending) return [];
    const added = [...files].map(addRow);
    if (added.length) announce(`${added.length === 1 ? "One file" : `${added.length} files`} added. Say what each is, then send.`);
    count();
    return added;
  }

  chooser.addEventListener("change", () => {
    const added = take(chooser.files);
    chooser.value = ""; // so that the same file may be chosen again
    added.find((row) => !row.isHopeless)?.field("kind").focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-disabled") !== "true") sendAll();
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (![...(event.dataTransfer?.types || [])].includes("Files")) return;
      event.preventDefault(); // or the browser opens the file in place of the page
      form.classList.toggle("v-over", name === "dragover" && !isSending);
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (isSending) event.preventDefault();
  });

  chooser.hasChangeListener = true; // Unfold's own wants a text field beside it
  form.classList.add("v-upload-live");
  form.noValidate = true;
  chooser.required = false;
  form.querySelectorAll(".v-plain-only").forEach((it) => { it.inert = true; });
  count();
})();
