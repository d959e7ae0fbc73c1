// The vault: what this device keeps for a day without signal, sealed with a key that cannot leave the browser and that
// signing out destroys. Part one of the visit script; the parts share one scope.
const VAULT = "fujiao";
const asked = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

function openVault() {
  const request = indexedDB.open(VAULT, 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    for (const name of ["keys", "day", "outbox", "photos"]) db.createObjectStore(name, { keyPath: "id" });
  };
  return asked(request);
}

// One transaction on one store; it is on the disk before the promise is kept.
async function within(name, mode, work) {
  const db = await openVault();
  try {
    const tx = db.transaction(name, mode, { durability: "strict" });
    const ended = new Promise((done, fail) => {
      tx.oncomplete = done;
      tx.onabort = tx.onerror = () => fail(tx.error);
    });
    const result = await work(tx.objectStore(name));
    await ended;
    return result;
  } finally {
    db.close();
  }
}

const read = (name, id) => within(name, "readonly", (store) => asked(store.get(id)));
const readAll = (name) => within(name, "readonly", (store) => asked(store.getAll()));
const write = (name, value) => within(name, "readwrite", (store) => asked(store.put(value)));
const remove = (name, id) => within(name, "readwrite", (store) => asked(store.delete(id)));

// The key of a user on this device. Two pages that ask at once get the same one.
async function keyOf(user) {
  const id = `key ${user}`;
  const known = await read("keys", id);
  if (known) return known.key;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return within("keys", "readwrite", async (store) => {
    const meanwhile = await asked(store.get(id));
    if (meanwhile) return meanwhile.key;
    await asked(store.put({ id, key: fresh }));
    return fresh;
  });
}

async function seal(user, id, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
  const additionalData = new TextEncoder().encode(id);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, await keyOf(user), plain);
  return { id, user, iv, data };
}

async function unseal({ id, user, iv, data }, raw) {
  const additionalData = new TextEncoder().encode(id);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, await keyOf(user), data);
  return raw ? plain : JSON.parse(new TextDecoder().decode(plain));
}

const lastUser = async () => (await read("keys", "user"))?.user;

// Somebody else's day goes when another signs in on this device; what they have not sent yet stays, under their key.
async function nowUser(user) {
  if ((await lastUser()) !== user) {
    await within("day", "readwrite", (store) => asked(store.clear()));
    await write("keys", { id: "user", user });
  }
}

// Everything that this device keeps: keys, day, outbox, photos, pages.
async function destroyVault() {
  const gone = indexedDB.deleteDatabase(VAULT);
  await new Promise((done) => { gone.onsuccess = gone.onerror = gone.onblocked = done; });
  if (self.caches) for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) await worker.unregister();
}
