// The pages of visits with a script: forms go through the outbox, and the page without signal is made from the vault. Part
// three of the visit script.
const words = JSON.parse(document.querySelector("#visit-words")?.dataset.words ?? "{}");
const say = (key, ...args) => args.reduce((text, arg, n) => text.replace(`{${n}}`, arg), words[key] ?? key);
const one = (css, of = document) => of.querySelector(css);

// An element with texts as texts: what people wrote never becomes markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const clock = (time) => {
  const at = new Date(time);
  const two = (n) => String(n).padStart(2, "0");
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
};

function age(since) {
  const minutes = Math.floor((Date.now() - since) / 60000);
  if (minutes < 1) return say("age_now");
  if (minutes < 60) return say("age_minutes", minutes);
  return minutes < 1440 ? say("age_hours", Math.floor(minutes / 60)) : say("age_days", Math.floor(minutes / 1440));
}

let outside = null;
const CHIPS = { waiting: "soon", photos: "soon", refused: "gap", photo_refused: "gap", told: "ok" };

function chip(item) {
  const waits = item.state === "waiting" || item.state === "photos";
  const key = waits && outside ? `state_${outside}` : `state_${item.state}`;
  return make("span", { class: `chip ${CHIPS[item.state]}` }, say(key));
}

function reasons(item) {
  const lines = item.remarks.map((remark) => remark.text);
  for (const photo of item.photos) if (photo.reason) lines.push(photo.reason);
  return lines.map((line) => make("p", {}, line));
}

// Deleting asks once more, in place.
function deleting(user, item) {
  const button = make("button", { class: "btn", type: "button", onclick: async () => {
    if (button.dataset.sure) {
      await drop(item);
      await showOutbox(user);
    } else {
      button.dataset.sure = "yes";
      button.textContent = say("delete_sure");
    }
  } }, say("delete"));
  return button;
}

function actions(user, item) {
  const again = async () => {
    item.state = item.receipt ? "photos" : "waiting";
    for (const photo of item.photos) if (photo.state === "refused") photo.state = "waiting";
    await keep(user, item);
    await send(user);
  };
  const buttons = [];
  if (item.state === "told") {
    buttons.push(make("button", { class: "btn", type: "button", onclick: async () => { await drop(item); await showOutbox(user); } }, say("seen")));
  } else {
    buttons.push(make("button", { class: "btn", type: "button", onclick: again }, say("retry")));
    if (item.entry.kind === "visit" && !item.receipt) {
      buttons.push(make("a", { class: "btn", href: `/visit/offline#edit=${item.entry.key}` }, say("edit")));
    }
    buttons.push(deleting(user, item));
  }
  return make("div", { class: "acts" }, ...buttons);
}

async function showOutbox(user) {
  const box = one("#outbox");
  if (!box || user === undefined) return;
  const list = await items(user);
  box.hidden = list.length === 0;
  one("h2", box).textContent = say("outbox", list.length);
  one("small", box).textContent = say("outbox_waiting", list.filter((item) => item.state === "waiting" || item.state === "photos").length);
  one("ul", box).replaceChildren(...list.map((item) => make("li", { "data-key": item.entry.key, "data-state": item.state },
    make("b", {}, item.label), chip(item),
    make("p", {}, `${clock(item.since)} · ${age(item.since)}${item.tries ? ` · ${say("tries", item.tries)}` : ""}`),
    ...reasons(item), actions(user, item))));
  const net = one("#net");
  if (net) {
    net.hidden = !outside;
    one("b", net).textContent = outside ? say(`net_${outside}`) : "";
    one("span.sm", net).textContent = outside && list.length ? say("net_kept", list.length) : "";
    one("a", net).hidden = outside !== "signed_out";
  }
}

let sending = false;
async function send(user) {
  if (sending) return;
  sending = true;
  try {
    outside = await flush();
  } finally {
    sending = false;
  }
  document.documentElement.dataset.vault = outside ?? "synced";
  const now = (await lastUser()) ?? user;
  await showOutbox(now);
  if (one("#offline-day")) await showDay(now);
}

// --- forms

function entryOf(form) {
  const data = new FormData(form);
  const text = (name) => String(data.get(name) ?? "");
  const entry = { key: text("key") || newKey(), supersedes: text("supersedes") || undefined, kind: form.dataset.entry,
    on: text("on"), written_at: new Date().toISOString() };
  if (entry.kind === "visit") {
    return { ...entry, person: form.dataset.person, how: text("how"), met: text("met"), now: text("now"),
      why: data.getAll("why"), text: text("text"), phone: text("phone"), next_on: text("next_on") };
  }
  const { school, grade, class: name } = form.dataset;
  const of = { ...entry, school, grade, class: name };
  if (entry.kind === "meals") return { ...of, served: text("served"), present: text("present") };
  const marks = [...data].filter(([field]) => field.startsWith("m_")).map(([field, mark]) => [field.slice(2), mark]);
  return { ...of, marks: Object.fromEntries(marks) };
}

async function photosOf(form) {
  const input = one("input[type=file]", form);
  const photos = [];
  for (const file of [...(input?.files ?? [])].slice(0, 3)) photos.push({ key: newKey(), bytes: await shrunk(file) });
  return photos;
}

const userOf = async (form) => (form.dataset.user ? Number(form.dataset.user) : lastUser());

async function submitted(event) {
  event.preventDefault();
  const form = event.target;
  const button = one("button.p", form);
  const fault = one("[data-photo] .err", form);
  button.disabled = true;
  try {
    const user = await userOf(form);
    if (form.dataset.user) await nowUser(user);
    let entry = entryOf(form);
    const photos = await photosOf(form);
    const before = form.dataset.edits && (await items(user)).find((item) => item.entry.key === form.dataset.edits);
    if (before) {
      const item = edited(before, entry);
      await remove("outbox", before.entry.key);
      entry = item.entry;
      photos.push(...(await keptPhotos(before)));
    }
    await put(user, entry, form.dataset.label, photos);
    // Whoever comes back to this page writes another one.
    if (form.elements.key) form.elements.key.value = "";
    await send(user);
    if (one("#offline-day")) location.hash = "";
    else location.assign("/visit");
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof DOMException)) throw error;
    const text = say(error.name === "QuotaExceededError" ? "full" : "photo_bad");
    if (!fault) form.prepend(make("p", { class: "err", role: "alert" }, text));
    else {
      fault.hidden = false;
      fault.textContent = text;
    }
  } finally {
    button.disabled = false;
  }
}

async function keptPhotos(item) {
  const photos = [];
  for (const { key } of item.photos) {
    const record = await read("photos", key);
    if (record) photos.push({ key, bytes: await unseal(record, true) });
  }
  return photos;
}

// What is half written outlives a page that the phone throws away.
const draftOf = ({ dataset: { entry, person, school, grade, class: name } }, on) =>
  `draft ${[entry, person, school, grade, name, entry === "visit" ? "" : on].filter(Boolean).join(" ")}`;
const written = (form) => [...new FormData(form)].filter(([name, value]) =>
  typeof value === "string" && !["csrf", "key", "supersedes"].includes(name));

async function drafting(form) {
  if (form.dataset.edits || form.elements.supersedes?.value) return;
  const user = await userOf(form);
  const id = draftOf(form, form.elements.on?.value);
  const record = await read("day", id);
  const draft = record?.user === user ? await unseal(record).catch(() => null) : null;
  if (draft && Date.now() - draft.at < KEPT_DAYS * 86400000) {
    for (const [name, value] of draft.fields) {
      const choice = form.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
      if (choice && ["radio", "checkbox"].includes(choice.type)) choice.checked = true;
      else if (form.elements[name] instanceof Element && form.elements[name].type !== "hidden") form.elements[name].value = value;
    }
    form.prepend(make("p", { class: "hint" }, say("draft")));
  }
  let soon;
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(async () => write("day", await seal(user, id, { at: Date.now(), fields: written(form) })), 300);
  });
  form.addEventListener("submit", () => {
    clearTimeout(soon);
    remove("day", id);
  });
}

function ready(form) {
  form.addEventListener("submit", (event) => {
    submitted(event).catch(() => form.submit());
  });
  drafting(form).catch(() => {});
  const photos = one("input[type=file]", form);
  photos?.addEventListener("change", () => {
    one(".drop .hint", form).textContent = say("photos", Math.min(photos.files.length, 3));
  });
  const photo = one("[data-photo]", form);
  if (photo) photo.hidden = false;
  const rest = one("[data-rest]", form);
  if (rest) {
    rest.hidden = false;
    rest.addEventListener("click", () => {
      for (const row of form.querySelectorAll("li[data-pupil]")) {
        if (!one("input:checked", row) && !row.dataset.mark) one("input[value=present]", row).checked = true;
      }
    });
  }
}

// --- the page without signal

function childLine(child) {
  const chips = child.by ? make("span", { class: "chip soon" }, say("by", child.by)) : make("span", { class: "chip gap" }, say("away"));
  return make("li", {}, make("a", { href: `#visit=${child.id}` }, child.name), chips,
    make("p", {}, [child.label, child.place, child.guardian, child.phone].filter(Boolean).join(" · ")),
    make("p", {}, child.owed.join("；")));
}

function openVisit(child, item) {
  const form = one("#visit-form").content.firstElementChild.cloneNode(true);
  form.dataset.person = child.id;
  form.dataset.label = item?.label ?? say("label_visit", child.name);
  if (item) {
    form.dataset.edits = item.entry.key;
    for (const name of ["on", "met", "text", "phone", "next_on", "supersedes"]) if (form.elements[name]) form.elements[name].value = item.entry[name] ?? "";
    for (const name of ["how", "now"]) if (item.entry[name]) form.elements[name].value = item.entry[name];
    for (const box of form.querySelectorAll("[name=why]")) box.checked = item.entry.why.includes(box.value);
    for (const { field, text } of item.remarks) {
      const place = field && form.elements[field]?.closest?.(".fld");
      (place ?? form).append(make("span", { class: "err" }, text));
    }
  }
  const about = child.label === undefined ? null : make("p", { class: "sm" }, [child.label, child.place, child.guardian, child.phone].filter(Boolean).join(" · "));
  const last = (child.last ?? []).map((said) => make("p", { class: "note" }, `${said.on} ${said.how} ${said.author}${words.colon ?? "："}${said.text}`));
  return [make("h1", {}, say("visit_of", child.name)), about, ...last, make("section", { class: "sheet" }, form)];
}

function openClass(of) {
  const parts = [make("h1", {}, of.label)];
  for (const [kind, may] of [["attendance", of.may_mark], ["meals", of.may_meals]]) {
    if (!may) continue;
    const form = one(`#${kind}-form`).content.firstElementChild.cloneNode(true);
    Object.assign(form.dataset, { school: of.school, grade: of.grade, class: of.class, label: say(`label_${kind}`, of.label) });
    const list = one("ul", form);
    for (const [id, name] of list ? of.pupils : []) {
      const row = one("#pupil-row").content.firstElementChild.cloneNode(true);
      one("b", row).textContent = name;
      for (const input of row.querySelectorAll("input")) input.name = `m_${id}`;
      list.append(row);
    }
    if (form.elements.served) form.elements.served.max = of.size;
    parts.push(make("section", { class: "sheet" }, form));
  }
  return parts;
}

async function showDay(user) {
  const place = one("#offline-day");
  const day = user === undefined ? null : await keptDay(user);
  const open = one("#offline-form");
  const [what, id] = location.hash.slice(1).split("=");
  const back = make("p", { class: "sm" }, make("a", { href: "#" }, say("back")));
  let parts = null;
  if (day && what === "visit") parts = day.children.filter((child) => child.id === id).map((child) => openVisit(child))[0];
  if (day && what === "class" && day.classes[Number(id)]) parts = openClass(day.classes[Number(id)]);
  if (what === "edit") {
    const item = (await items(user)).find((item) => item.entry.key === id);
    if (item) {
      const child = day?.children.find((child) => child.id === item.entry.person) ?? { id: item.entry.person, name: item.label };
      parts = openVisit(child, item);
    }
  }
  // A form that somebody is filling in is left alone.
  if (parts && open.dataset.hash === location.hash) return;
  open.dataset.hash = parts ? location.hash : "";
  open.hidden = !parts;
  place.hidden = Boolean(parts);
  open.replaceChildren(...(parts ? [back, ...parts.filter(Boolean)] : []));
  for (const form of open.querySelectorAll("form")) {
    for (const on of form.querySelectorAll("[name=on]")) {
      on.value ||= day?.day ?? "";
      if (day) on.max = day.day;
    }
    form.dataset.user = user;
    ready(form);
  }
  one("#offline-none").hidden = Boolean(day);
  one("#offline-at").textContent = day ? say("synced", clock(day.at)) : "";
  one("#children ul").replaceChildren(...(day?.children ?? []).map(childLine));
  one("#children h2").textContent = say("children", day?.children.length ?? 0);
  one("#classes ul").replaceChildren(...(day?.classes ?? []).map((of, n) =>
    make("li", {}, make("a", { href: `#class=${n}` }, of.label), make("span", { class: "chip" }, say("size", of.size)))));
  one("#children").hidden = !day?.children.length;
  one("#classes").hidden = !day?.classes.length;
}

// --- signing out destroys what the device keeps; what was not sent is named first

for (const form of document.querySelectorAll("form[action='/logout'], form[data-leaves]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const user = await lastUser().catch(() => undefined);
    const left = user === undefined ? [] : await items(user).catch(() => []);
    const unsent = left.filter((item) => item.state !== "told").length;
    if (unsent && !confirm(say("leave_unsent", unsent))) return;
    await destroyVault().catch(() => {});
    form.submit();
  });
}

if (one("#visit-words") && globalThis.crypto?.subtle && globalThis.indexedDB) {
  for (const form of document.querySelectorAll("form[data-entry]")) ready(form);
  const begin = async () => {
    if (navigator.serviceWorker) {
      await navigator.serviceWorker.register("/sw.js").catch(() => {});
      const lang = await caches.open("fujiao lang");
      await lang.put("/lang", new Response(document.documentElement.lang.slice(0, 2)));
    }
    const user = await lastUser();
    if (one("#offline-day")) await showDay(user);
    await showOutbox(user);
    await send(user);
  };
  if (one("#outbox")) {
    addEventListener("online", () => send());
    addEventListener("hashchange", async () => { if (one("#offline-day")) await showDay(await lastUser()); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
    begin();
  }
}
