// Pleasant, never needed: "/" goes to the search, and a changed choice filters at once.
const find = document.querySelector("#q");
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    find?.focus();
  }
});
for (const form of document.querySelectorAll("form.filters[method=get]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select")) form.requestSubmit();
  });
  // Empty choices stay out of the address.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}
// A long job tells how far it is; when it ends, its page is read anew.
for (const place of document.querySelectorAll("[data-events]")) {
  const bar = place.querySelector("progress");
  const step = place.querySelector("[data-step]");
  const source = new EventSource(place.dataset.events);
  source.addEventListener("progress", (event) => {
    const { text, done, of } = JSON.parse(event.data);
    bar.max = of;
    bar.value = done;
    step.textContent = text;
  });
  source.addEventListener("end", () => {
    source.close();
    location.reload();
  });
}
// Workbooks on their way: how much of them is there.
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    const place = form.querySelector("[data-sent]");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      place.hidden = false;
      place.querySelector("progress").value = (100 * loaded) / total;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) location.assign(request.responseURL);
      else form.submit(); // the browser shows what was said
    });
    request.addEventListener("error", () => form.submit());
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}
// A key does what the button or link that names it does.
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const named = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (named) {
    event.preventDefault();
    named.click();
  }
});
// Pictures of a form are made small on the way; what no browser can read goes as it is, and the page says what was said.
for (const input of document.querySelectorAll("input[type=file][data-shrink]")) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const button = input.form.querySelector("button");
    button.disabled = true;
    try {
      const small = new DataTransfer();
      small.items.add(new File([await shrunk(file)], "photo.jpg", { type: "image/jpeg" }));
      input.files = small.files;
    } catch {
      // Too large or no picture: the answer names the field.
    }
    button.disabled = false;
  });
}
