#!/usr/bin/env python3
"""Keeps the server busy for half an hour with everything at once, and watches errors and memory by the minute.

    python3 bench/soak/run.py [--minutes 30] [--people 20000] [--rate 40] [--fujiao PROGRAM] [--books FOLDER] [--out bench/results]

Serves a copy of a made county's books (or of FOLDER, as `fujiao demo --no-serve` leaves it) and, until the time is over,

- pages: `rate` requests a second at set times, by eight roles, over connections that stay open (the generator of bench/web);
- interface: a program reads lists and persons with its token, and writes visits, each under a key of its own;
- imports: a workbook with a few new rows each half minute, tried, taken in;
- corrections: a fact of a person put right every few seconds;
- assessments: one after another.

Every minute: requests, answers that were neither 2xx nor 3xx nor an expected refusal, latency, resident memory, the least and the most. The
first quarter warms up. What an assessment takes for its seconds comes and goes, what leaks stays: growth is told of the least of each minute,
the median of the last quarter against that of the second, and of the mean. At the end the books are verified.
Needs nothing but Python.
"""
import argparse
import asyncio
import html
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))
from run import ROOT, Server, program  # noqa: E402

ROLES = ["教育局", "资助中心经办", "财务", "镇干部", "校长", "班主任", "审计", "县领导"]
PAGES = ["/", "/area/aid", "/area/aid?show=all&sort=gap", "/area/schooling", "/area/meals?show=done", "/visit", "/cases", "/aid", "/schools",
         "/reports", "/handbook", "/search?q=%E7%8E%8B%E5%B0%8F", "/generations"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Count:
    """What happened, by minute. Threads and the loop write into it."""

    def __init__(self, begun):
        self.begun, self.lock, self.minutes = begun, threading.Lock(), {}

    def add(self, kind, status, seconds, refused=()):
        """`refused`: what may be said no to here without a fault."""
        with self.lock:
            minute = self.minutes.setdefault(int((time.monotonic() - self.begun) // 60), {"n": {}, "wrong": {}, "latency": []})
            minute["n"][kind] = minute["n"].get(kind, 0) + 1
            if not (200 <= status < 400 or status in refused):
                key = f"{kind} {status}"
                minute["wrong"][key] = minute["wrong"].get(key, 0) + 1
            if kind == "page":
                minute["latency"].append(seconds)


def timed(count, kind, server, method, path, body=None, headers=(), refused=()):
    begun = time.monotonic()
    try:
        answer, text = server.request(method, path, body, headers)
        status = answer.status
    except OSError:
        answer, text, status = None, b"", 599
    count.add(kind, status, time.monotonic() - begun, refused)
    return answer, text.decode(errors="replace")


def mark(text):
    return re.search(r'name="csrf" value="(\w+)"', text).group(1)


def token(server, cookie):
    _, page = server.get("/account/tokens", cookie)
    text = page.decode()
    fields = {"csrf": mark(text), "name": "soak", "days": "1"} | {n: "1" for n in re.findall(r'name="(right_\w+)"', text)}
    body = "&".join(f"{k}={v}" for k, v in fields.items())
    _, page = server.request("POST", "/account/tokens", body, ({"Cookie": cookie} | FORM).items())
    return re.search(r"<code>([0-9a-f]{64})</code>", html.unescape(page.decode())).group(1)


async def pages(port, cookies, paths, rate, until, count):
    """An open loop: requests go out at their times whether or not earlier ones were answered."""
    free, chance, tasks, n, begun = asyncio.Queue(), random.Random(1), set(), 0, time.monotonic()

    async def ask(due, path, cookie):
        status = 599
        try:
            try:
                reader, writer = free.get_nowait()
            except asyncio.QueueEmpty:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length:
                await reader.readexactly(int(length.group(1)))
            elif b"chunked" in head.lower():
                while True:
                    size = int((await reader.readuntil(b"\r\n")), 16)
                    await reader.readexactly(size + 2)
                    if size == 0:
                        break
            status = int(head.split(b" ", 2)[1])
            free.put_nowait((reader, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError):
            pass
        # Who may not see a page is told so: that is no fault.
        count.add("page", status, time.monotonic() - due, (403, 404))

    while time.monotonic() < until:
        due = begun + n / rate
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(ask(due, chance.choice(paths), chance.choice(cookies)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        n += 1
    await asyncio.gather(*tasks)


def interface(server, key, persons, until, count):
    chance, n = random.Random(2), 0
    auth = {"Authorization": f"Bearer {key}"}
    while time.monotonic() < until:
        person = chance.choice(persons)
        for path in ["/api/v1/county", "/api/v1/areas/aid/lines?show=gap", f"/api/v1/persons/{person}", "/api/v1/schools"]:
            timed(count, "read", server, "GET", path, None, auth.items(), (403, 404))
        visit = json.dumps({"on": "2025-10-14", "how": "phone", "met": "祖母", "now": "in_school", "text": f"第{n}次"}, ensure_ascii=False)
        more = auth | {"Content-Type": "application/json", "Idempotency-Key": f"soak-{n}"}
        timed(count, "visit", server, "POST", f"/api/v1/persons/{person}/visits", visit.encode(), more.items(), (404, 409, 422))
        n += 1
        time.sleep(0.5)


def imports(server, cookie, until, count):
    n = 0
    while time.monotonic() < until:
        _, page = timed(count, "upload", server, "GET", "/upload", None, {"Cookie": cookie}.items())
        rows = "".join(f"浸{n}甲{i},2014-05-{i + 1:02d},女,示例小学,四年级,1班,2025秋,在读\n" for i in range(20))
        text = "姓名,出生日期,性别,学校,年级,班级,学期,学籍状态\n" + rows
        parts = [("csrf", None, mark(page)), ("unit", None, "教育局"), ("files", f"浸泡{n}.csv", text)]
        body = b""
        for name, file, value in parts:
            tail = f'; filename="{file}"' if file else ""
            body += f'--edge\r\nContent-Disposition: form-data; name="{name}"{tail}\r\n\r\n{value}\r\n'.encode()
        kind = {"Cookie": cookie, "Content-Type": "multipart/form-data; boundary=edge"}
        answer, _ = timed(count, "upload", server, "POST", "/upload", body + b"--edge--\r\n", kind.items())
        batch = answer.getheader("Location") if answer else None
        for _ in range(120):
            if not batch:
                break
            _, page = timed(count, "upload", server, "GET", batch, None, {"Cookie": cookie}.items())
            if 'http-equiv="refresh"' not in page:
                break
            time.sleep(0.5)
        if batch:
            form = f"csrf={mark(page)}&force=1"
            timed(count, "import", server, "POST", f"{batch}/take", form, ({"Cookie": cookie} | FORM).items(), (422,))
        n += 1
        time.sleep(30)


def corrections(server, cookie, persons, until, count):
    chance, n = random.Random(3), 0
    while time.monotonic() < until:
        _, page = timed(count, "person", server, "GET", f"/person/{chance.choice(persons)}", None, {"Cookie": cookie}.items(), (404,))
        link = re.search(r"/correct/[0-9a-f]{16}/(?:guardian|address|phone|ethnicity)", page)
        if link:
            _, page = timed(count, "correct", server, "GET", link.group(0), None, {"Cookie": cookie}.items(), (404,))
            if 'name="now"' in page:
                value = {"phone": f"138{n:08d}", "ethnicity": "汉族"}.get(link.group(0).rsplit("/", 1)[1], f"更正{n}")
                form = "&".join(f"{k}={v}" for k, v in {"csrf": mark(page), "now": value, "reason": "soak", "evidence": "soak"}.items())
                timed(count, "correct", server, "POST", link.group(0), form.encode(), ({"Cookie": cookie} | FORM).items(), (404, 409, 422))
        n += 1
        time.sleep(3)


def assessments(server, cookie, until, count):
    while time.monotonic() < until:
        _, page = timed(count, "jobs", server, "GET", "/jobs", None, {"Cookie": cookie}.items())
        form = f"csrf={mark(page)}&as_of=2025-10-15"
        answer, _ = timed(count, "assess", server, "POST", "/assess", form, ({"Cookie": cookie} | FORM).items(), (409, 422))
        job = answer.getheader("Location") if answer else None
        while job and time.monotonic() < until:
            _, page = timed(count, "jobs", server, "GET", job, None, {"Cookie": cookie}.items())
            if 'http-equiv="refresh"' not in page:
                if "没办成" in page:
                    count.add("assess", 598, 0)
                break
            time.sleep(1)
        time.sleep(5)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--minutes", type=float, default=30)
    ask.add_argument("--people", type=int, default=20_000)
    ask.add_argument("--rate", type=int, default=40)
    ask.add_argument("--port", type=int, default=18_082)
    ask.add_argument("--books")
    ask.add_argument("--fujiao", help="the program, if it is built already")
    ask.add_argument("--out")
    args = ask.parse_args()
    fujiao = program(args.fujiao)
    made = Path(args.books) if args.books else ROOT / "target" / "bench-soak" / str(args.people)
    if not (made / "结果" / "county.db").exists():
        subprocess.run([fujiao, "demo", "--people", str(args.people), "--no-serve", "--out", made], check=True, stdout=subprocess.DEVNULL)
    books = ROOT / "target" / "bench-soak" / "served"
    shutil.rmtree(books, ignore_errors=True)
    books.mkdir(parents=True)
    for file in (made / "结果").glob("county.*"):
        shutil.copy(file, books)
    server = Server(fujiao, books, args.port)
    memory = []
    try:
        cookies = {role: server.enter(role) for role in ROLES}
        bureau = cookies["教育局"]
        _, page = server.get("/area/aid?show=all", bureau)
        persons = re.findall(r"/person/([0-9a-f]{16})", page.decode())
        key = token(server, bureau)
        begun = time.monotonic()
        until = begun + args.minutes * 60
        count = Count(begun)
        work = [
            threading.Thread(target=interface, args=(server, key, persons, until, count)),
            threading.Thread(target=imports, args=(server, bureau, until, count)),
            threading.Thread(target=corrections, args=(server, bureau, persons, until, count)),
            threading.Thread(target=assessments, args=(server, bureau, until, count)),
        ]

        def watch():
            while time.monotonic() < until:
                memory.append((time.monotonic() - begun, server.memory_mib()))
                time.sleep(1)

        work.append(threading.Thread(target=watch))
        for thread in work:
            thread.start()
        paths = PAGES + [f"/person/{p}" for p in persons[:30]]
        asyncio.run(pages(args.port, list(cookies.values()), paths, args.rate, until, count))
        for thread in work:
            thread.join()
        alive = server.process.poll() is None
    finally:
        server.stop()
    sound = subprocess.run([fujiao, "verify", books], capture_output=True, text=True).returncode == 0

    def mean(of, to):
        inside = [mib for at, mib in memory if of <= at / (args.minutes * 60) < to]
        return statistics.mean(inside) if inside else float("nan")

    minutes = []
    for n, minute in sorted(count.minutes.items()):
        latency = sorted(minute["latency"]) or [0]
        inside = [mib for at, mib in memory if n * 60 <= at < (n + 1) * 60]
        minutes.append({
            "minute": n, "requests": sum(minute["n"].values()), "by_kind": minute["n"], "wrong": minute["wrong"],
            "p50_ms": round(latency[len(latency) // 2] * 1000, 1), "p99_ms": round(latency[int(len(latency) * 0.99)] * 1000, 1),
            "rss_mib": [round(min(inside), 1), round(max(inside), 1)] if inside else None,
        })
    requests = sum(m["requests"] for m in minutes)
    wrong = sum(sum(m["wrong"].values()) for m in minutes)
    before, after = mean(0.25, 0.5), mean(0.75, 1.01)

    def floor(of, to):
        least = [m["rss_mib"][0] for m in minutes if m["rss_mib"] and of <= m["minute"] / args.minutes < to]
        return statistics.median(least) if least else float("nan")

    low, high = floor(0.25, 0.5), floor(0.75, 1)
    record = {
        "machine": f"{os.cpu_count()} cores", "minutes": args.minutes, "people": args.people, "rate": args.rate, "requests": requests,
        "wrong": wrong, "memory_mib": {"second_quarter": round(before, 1), "last_quarter": round(after, 1),
                                       "growth_percent": round((after / before - 1) * 100, 2)},
        "least_of_a_minute_mib": {"second_quarter": low, "last_quarter": high, "growth_percent": round((high / low - 1) * 100, 2)},
        "alive": alive, "books_sound": sound, "by_minute": minutes,
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    print(text)
    if args.out:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
        (Path(args.out) / f"soak-{commit}.json").write_text(text + "\n")
    sys.exit(0 if wrong == 0 and sound and alive else 1)


if __name__ == "__main__":
    main()
