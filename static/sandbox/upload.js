// Shows how much of the files has gone; without it the form is sent all the same.
// All in one function: the answer is written into this window, and runs this again.
(() => {
  "use strict";
  const form = document.querySelector("[data-upload]");
  const sending = document.querySelector("[data-sending]");
  const bar = sending.querySelector("progress");
  const word = sending.querySelector("[role=status]");
  const button = form.querySelector("button");
  const inputs = [...form.querySelectorAll("input[type=file]")];

  const say = (sentence, isSending) => {
    sending.hidden = false;
    bar.hidden = !isSending;
    word.textContent = sentence;
    button.disabled = isSending;
  };

  const tooLarge = () => {
    for (const input of inputs) {
      const limit = Number(input.dataset.limit);
      const file = [...input.files].find((f) => f.size > limit * 1024 * 1024);
      if (file) return `“${file.name}” is larger than ${limit} MB.`;
    }
    return "";
  };

  const send = () => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable) return;
      bar.value = step.loaded / step.total;
      word.textContent = `${Math.round(bar.value * 100)} % sent`;
    });
    request.addEventListener("load", () => {
      document.open();
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => {
      say("The files did not arrive. Submit again.", false);
    });
    say("0 % sent", true);
    request.open("POST", location.href);
    request.send(new FormData(form));
  };

  form.addEventListener("submit", (event) => {
    if (!inputs.some((input) => input.files.length)) return;
    event.preventDefault();
    const refusal = tooLarge();
    if (refusal) say(refusal, false);
    else send();
  });
})();
