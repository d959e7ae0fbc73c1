#!/usr/bin/env python3
"""Weighs the pages and times them under load.

    python3 bench/web/run.py [--people 150000] [--rate 300] [--seconds 30] [--books FOLDER] [--fujiao PROGRAM] [--out bench/results]

Makes a county (or takes FOLDER, as `fujiao demo --no-serve` leaves it), serves it with the release build, signs in, and

- weighs each page over the wire: first visit (page, styles, scripts) and after (page alone), gzip as a browser asks for it;
- sends `rate` requests a second, at set times whether or not earlier ones were answered, over connections that stay open, and
  takes each latency from the time at which the request should have gone out, so that waiting is not left out;
- reads the server's resident memory while the load goes on.

Needs nothing but Python; the load generator shares the machine's cores with the server.
"""
import argparse
import asyncio
import gzip
import http.client
import json
import os
import platform
import random
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def program(given):
    if given:
        return given
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return folder / "release" / "fujiao"


class Server:
    """A served county, and the links by which each role comes in."""

    def __init__(self, fujiao, books, port):
        self.port = port
        self.process = subprocess.Popen(
            [fujiao, "serve", books, "--port", str(port)], stdout=subprocess.PIPE, text=True)
        self.links = {}
        for line in self.process.stdout:
            if "\t" in line:
                role, link = line.strip().split("\t")
                self.links[role] = link.split(f":{port}")[1]
            if "Ctrl-C" in line:
                break
        for _ in range(100):
            try:
                self.get("/login")
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("the server does not answer")

    def request(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer, answer.read()

    def get(self, path, cookie="", packed=False):
        headers = {"Cookie": cookie}
        if packed:
            headers["Accept-Encoding"] = "gzip"
        return self.request("GET", path, headers=headers.items())

    def enter(self, role):
        answer, _ = self.request(
            "POST", self.links[role], "x=1", {"Content-Type": "application/x-www-form-urlencoded"}.items())
        return answer.getheader("Set-Cookie").split(";")[0]

    def memory_mib(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def weigh(server, cookie, path):
    """Bytes over the wire, head and body: of the first visit, and after."""

    def wire(path):
        answer, body = server.get(path, cookie, packed=True)
        assert answer.status == 200, (path, answer.status)
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 17
        text = gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
        return head + len(body), text.decode()

    page, html = wire(path)
    parts = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', html))
    return page + sum(wire(part)[0] for part in parts), page


async def load(port, cookies, paths, rate, seconds):
    """Latencies in seconds of an open-loop load, and how many answers were not 200."""
    latencies, wrong = [], 0
    free = asyncio.Queue()
    chance = random.Random(1)

    async def ask(due, path, cookie):
        nonlocal wrong
        try:
            reader, writer = free.get_nowait()
        except asyncio.QueueEmpty:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length:
            await reader.readexactly(int(length.group(1)))
        else:
            while True:
                size = int((await reader.readuntil(b"\r\n")), 16)
                await reader.readexactly(size + 2)
                if size == 0:
                    break
        latencies.append(time.perf_counter() - due)
        wrong += not head.startswith(b"HTTP/1.1 200")
        free.put_nowait((reader, writer))

    begun, tasks = time.perf_counter(), []
    for n in range(rate * seconds):
        due = begun + n / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(ask(due, chance.choice(paths), chance.choice(cookies))))
    await asyncio.gather(*tasks)
    return sorted(latencies), wrong, time.perf_counter() - begun


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--people", type=int, default=150_000)
    ask.add_argument("--rate", type=int, default=300)
    ask.add_argument("--seconds", type=int, default=30)
    ask.add_argument("--port", type=int, default=18_080)
    ask.add_argument("--books")
    ask.add_argument("--fujiao", help="the program, if it is built already")
    ask.add_argument("--out")
    args = ask.parse_args()
    fujiao = program(args.fujiao)
    books = Path(args.books) if args.books else ROOT / "target" / "bench-web" / str(args.people)
    if not (books / "结果" / "county.db").exists():
        subprocess.run([fujiao, "demo", "--people", str(args.people), "--no-serve", "--out", books],
                       check=True, stdout=subprocess.DEVNULL)
    server = Server(fujiao, books / "结果", args.port)
    try:
        bureau, teacher = server.enter("教育局"), server.enter("班主任")
        _, html = server.get("/area/schooling", bureau)
        person = re.search(r"/person/[0-9a-f]{16}", html.decode()).group(0)
        pages = {"今日": "/", "学生": person, "名单": "/area/aid", "控辍": "/area/schooling", "家访": "/visit"}
        weights = {}
        for name, path in pages.items():
            cookie = teacher if path == "/visit" else bureau
            if server.get(path, cookie)[0].status == 200:
                weights[name] = weigh(server, cookie, path)
        persons = re.findall(r"/person/[0-9a-f]{16}", html.decode())
        paths = ["/", "/area/aid", "/area/aid?show=all&sort=gap", "/area/schooling", "/area/meals?show=done"] + persons[:40]
        for path in paths:
            server.get(path, bureau)
        sessions = [server.enter("教育局") for _ in range(5)]
        latencies, wrong, took = asyncio.run(load(args.port, sessions, paths, args.rate, args.seconds))
        memory = server.memory_mib()
    finally:
        server.stop()

    def at(share):
        return latencies[min(int(len(latencies) * share), len(latencies) - 1)] * 1000

    record = {
        "people": args.people,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "weight_bytes": {name: {"first": first, "after": after} for name, (first, after) in weights.items()},
        "rate": args.rate,
        "answered_per_s": round(len(latencies) / took, 1),
        "not_200": wrong,
        "latency_ms": {"p50": round(at(0.5), 2), "p90": round(at(0.9), 2), "p99": round(at(0.99), 2), "max": round(latencies[-1] * 1000, 2)},
        "rss_mib": round(memory, 1),
        "generator_cpu_s": round(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), 1),
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    print(text)
    if args.out:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
        (Path(args.out) / f"web-{commit}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
