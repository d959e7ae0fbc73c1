// The outbox: each thing written waits here until the server's receipt takes it away. Part two of the visit script.
const KEPT_DAYS = 7;
const newKey = () => crypto.randomUUID().replaceAll("-", "");

// entry: what goes to the server. label: what the list calls it. photos: [{ key, bytes }].
async function put(user, entry, label, photos = []) {
  for (const photo of photos) await write("photos", await seal(user, photo.key, photo.bytes));
  const item = { entry, label, since: Date.now(), state: "waiting", tries: 0, remarks: [],
    photos: photos.map(({ key }) => ({ key, state: "waiting" })) };
  await write("outbox", await seal(user, entry.key, item));
}

async function items(user) {
  const mine = (await readAll("outbox")).filter((record) => record.user === user);
  const open = await Promise.all(mine.map((record) => unseal(record).catch(() => null)));
  return open.filter(Boolean).sort((a, b) => a.since - b.since);
}

const keep = async (user, item) => write("outbox", await seal(user, item.entry.key, item));

async function drop(item) {
  for (const photo of item.photos) await remove("photos", photo.key);
  await remove("outbox", item.entry.key);
}

// An edited item that was on its way once gets a new key and names the old one: whichever of the two arrived counts.
function edited(item, entry) {
  const sent = item.tries > 0;
  return { ...item, entry: { ...entry, key: sent ? newKey() : item.entry.key,
    supersedes: sent ? item.entry.key : item.entry.supersedes }, state: "waiting", remarks: [] };
}

class Outside extends Error {}

async function call(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, redirect: "error", headers: { accept: "application/json", ...options.headers } });
  } catch {
    // A redirect is the way to sign in; anything else is no signal. The difference is told by asking plainly.
    if (!navigator.onLine) throw new Outside("offline");
    const there = await fetch("/sw.js", { method: "HEAD", cache: "no-store" }).then((a) => a.ok, () => false);
    throw new Outside(there ? "signed_out" : "offline");
  }
  if (answer.status === 401) throw new Outside("signed_out");
  return answer;
}

// Today's list, sealed on the device; the form's secret comes with it.
async function fetchDay() {
  const answer = await call("/visit/day");
  if (!answer.ok) throw new Outside(answer.status === 403 ? "not_yours" : "server");
  const day = await answer.json();
  await nowUser(day.user);
  await write("day", await seal(day.user, "today", { ...day, at: Date.now() }));
  return day;
}

async function keptDay(user) {
  const record = await read("day", "today");
  if (!record || record.user !== user) return null;
  const day = await unseal(record).catch(() => null);
  if (day && Date.now() - day.at > KEPT_DAYS * 86400000) {
    await remove("day", "today");
    return null;
  }
  return day;
}

// Sends what waits, one by one. What happened outside, if it stopped: "offline", "signed_out", "server".
async function flush() {
  if (!navigator.locks) return flushAlone();
  return navigator.locks.request("fujiao-outbox", flushAlone);
}

async function flushAlone() {
  const before = await lastUser();
  try {
    const day = await fetchDay();
    if (before !== undefined && day.user !== before) return null;
    for (const item of await items(day.user)) {
      if (item.state === "waiting") await sendEntry(day, item);
      if (item.state === "photos") await sendPhotos(day, item);
    }
    return null;
  } catch (error) {
    if (error instanceof Outside) return error.message;
    throw error;
  }
}

async function sendEntry(day, item) {
  item.tries += 1;
  item.last = Date.now();
  await keep(day.user, item);
  const answer = await call("/visit/sync", { method: "POST", body: JSON.stringify({ entries: [item.entry] }),
    headers: { "content-type": "application/json", "x-csrf": day.csrf } });
  if (answer.status >= 500 || answer.status === 403 || answer.status === 429) throw new Outside("server");
  const body = answer.ok ? await answer.json() : null;
  const receipt = body?.receipts?.find((r) => r.key === item.entry.key);
  if (!receipt) {
    item.state = "refused";
    item.remarks = [{ field: "", text: `${answer.status}` }];
  } else if (receipt.state === "refused") {
    item.state = "refused";
    item.remarks = receipt.remarks;
  } else {
    item.state = "photos";
    item.remarks = receipt.remarks;
    item.receipt = receipt.state;
  }
  await keep(day.user, item);
}

async function sendPhotos(day, item) {
  for (const photo of item.photos.filter((p) => p.state === "waiting")) {
    const record = await read("photos", photo.key);
    if (record) {
      const bytes = await unseal(record, true);
      const answer = await call(`/visit/photo/${photo.key}?entry=${item.entry.key}`, { method: "POST", body: bytes,
        headers: { "content-type": "application/octet-stream", "x-csrf": day.csrf } });
      if (answer.status >= 500 || answer.status === 403 || answer.status === 429) throw new Outside("server");
      if (!answer.ok) {
        photo.state = "refused";
        photo.reason = (await answer.json().catch(() => null))?.reason ?? `${answer.status}`;
        await keep(day.user, item);
        continue;
      }
    }
    photo.state = "kept";
    await keep(day.user, item);
    await remove("photos", photo.key);
  }
  // The receipt alone takes an item away; what it has to tell stays until it was read.
  const refused = item.photos.some((p) => p.state === "refused");
  if (!refused && item.remarks.length === 0) await drop(item);
  else {
    item.state = refused ? "photo_refused" : "told";
    await keep(day.user, item);
  }
}
