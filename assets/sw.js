// Keeps the page for a day without signal: its frame, styles and scripts, and nothing of any person. What a person wrote
// or is to see lies sealed in the vault, not here.
const FILES = [/*FILES*/];
const CACHE = "fujiao /*VERSION*/";
const OFFLINE = "/visit/offline?lang=";

self.addEventListener("install", (event) => {
  const plain = (address) => new Request(address, { credentials: "omit", cache: "no-cache" });
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([OFFLINE + "zh", OFFLINE + "en", ...FILES].map(plain)))
    .then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE && name !== "fujiao lang").map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

async function frame() {
  const kept = await caches.match("/lang");
  const lang = kept ? await kept.text() : "zh";
  return (await caches.match(OFFLINE + (lang === "en" ? "en" : "zh"))) ?? Response.error();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && (address.pathname === "/" || address.pathname.startsWith("/visit"))) {
    event.respondWith(fetch(request).catch(frame));
  } else if (FILES.includes(address.pathname)) {
    event.respondWith(caches.match(address.pathname).then((kept) => kept ?? fetch(request)));
  }
});
