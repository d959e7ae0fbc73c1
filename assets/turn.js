// Lists turn without a reload: a filter, a tab or a page of the same list takes the place of the old one.
const main = document.querySelector("#main");
const sameList = (url) => url.origin === location.origin && url.pathname === location.pathname && !url.hash;

async function turn(url, push) {
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#main");
    if (!answer.ok || !fresh || new URL(answer.url).pathname !== new URL(url).pathname) throw answer;
    const kept = document.activeElement?.name;
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    if (push) history.pushState({}, "", url);
    if (kept) main.querySelector(`[name="${CSS.escape(kept)}"]`)?.focus();
    prepare();
  } catch {
    location.assign(url); // the browser shows what there is to see
  } finally {
    main.removeAttribute("aria-busy");
  }
}

main?.addEventListener("click", (event) => {
  const link = event.target.closest(".tabs a, .pg a, .cov a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const url = new URL(link.href);
  if (!sameList(url)) return;
  event.preventDefault();
  turn(url.href, true).then(() => main.scrollIntoView({ block: "start" }));
});
main?.addEventListener("submit", (event) => {
  const form = event.target.closest("form.filters[method=get]");
  if (!form) return;
  const url = new URL(form.action);
  if (!sameList(url)) return;
  event.preventDefault();
  for (const [name, value] of new FormData(form)) if (value !== "") url.searchParams.append(name, value);
  turn(url.href, true);
});
addEventListener("popstate", () => turn(location.href, false));

// j and k walk through the lines of a list, Enter opens the one.
let at = -1;
function prepare() {
  at = -1;
  for (const map of document.querySelectorAll("svg.map")) roam(map);
}
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, button, a") && event.key === "Enter") return;
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)) return;
  const lines = [...document.querySelectorAll("main tbody th a, main .todo > li > a")];
  const step = { j: 1, k: -1 }[event.key];
  if (!step || lines.length === 0) return;
  event.preventDefault();
  at = Math.min(Math.max(at + step, 0), lines.length - 1);
  lines[at].focus();
});

// A map can be dragged, drawn nearer with the wheel or with + and −, and tells what the pointer is on.
function roam(map) {
  if (map.dataset.roams) return;
  map.dataset.roams = "1";
  const whole = map.getAttribute("viewBox").split(" ").map(Number);
  let [x, y, w, h] = whole;
  const show = () => map.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  const zoom = (by, px, py) => {
    const wide = Math.min(Math.max(w * by, whole[2] / 8), whole[2]);
    const scale = wide / w;
    x += (w - wide) * px;
    y += (h - h * scale) * py;
    w = wide;
    h *= scale;
    x = Math.min(Math.max(x, whole[0]), whole[0] + whole[2] - w);
    y = Math.min(Math.max(y, whole[1]), whole[1] + whole[3] - h);
    show();
  };
  const place = (event) => {
    const box = map.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  map.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && w === whole[2] && event.deltaY > 0) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 0.8 : 1.25, ...place(event));
  }, { passive: false });
  let from = null;
  map.addEventListener("pointerdown", (event) => {
    from = { px: event.clientX, py: event.clientY, x, y, moved: false };
  });
  map.addEventListener("pointermove", (event) => {
    if (!from || !event.buttons) return;
    const box = map.getBoundingClientRect();
    const [dx, dy] = [event.clientX - from.px, event.clientY - from.py];
    if (Math.abs(dx) + Math.abs(dy) > 4) from.moved = true;
    if (!from.moved || w === whole[2]) return;
    x = Math.min(Math.max(from.x - (dx / box.width) * w, whole[0]), whole[0] + whole[2] - w);
    y = Math.min(Math.max(from.y - (dy / box.height) * h, whole[1]), whole[1] + whole[3] - h);
    show();
  });
  map.addEventListener("click", (event) => {
    if (from?.moved && w < whole[2]) event.preventDefault();
    from = null;
  }, true);
  map.addEventListener("keydown", (event) => {
    const by = { "+": 0.8, "=": 0.8, "-": 1.25 }[event.key];
    if (by) zoom(by, 0.5, 0.5);
  });
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.hidden = true;
  map.after(tip);
  const tell = (event) => {
    const title = event.target.closest?.("a")?.querySelector("title");
    tip.hidden = !title;
    if (title) tip.textContent = title.textContent;
  };
  map.addEventListener("pointerover", tell);
  map.addEventListener("focusin", tell);
  map.addEventListener("pointerleave", () => (tip.hidden = true));
}
prepare();
