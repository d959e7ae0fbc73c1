#!/usr/bin/env python3
"""Every page of every role, one request at a time: the slowest of each route, and whatever is no answer.

    python3 bench/web/every.py [--people 150000] [--books FOLDER] [--fujiao PROGRAM] [--each 4] [--out bench/results]

Makes a county (or takes FOLDER, as `fujiao demo --no-serve` leaves it), serves it with the release build, signs in as each role in
turn, and follows the links of pages from `/` and from every route of `crates/office/access.toml` that has no part to fill in, up to
--each addresses a route. A route is named by its pattern. Exit 1 if a page answers with 500 or more.
"""
import argparse
import collections
import html
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from run import ROOT, Server, program  # noqa: E402


def routes():
    """Patterns of pages, those without parts first, so that `/loans/list.xlsx` is not taken for a loan."""
    spec = (ROOT / "crates/office/access.toml").read_text()
    found = set(re.findall(r'"GET (/[^\s"]*)"', spec))
    pages = [r for r in found if not r.startswith("/api") and r != "/logout"]
    pages.sort(key=lambda r: (r.count("{"), r))
    return [(r, re.compile("^" + re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(r)) + "$")) for r in pages]


def walk(server, role, patterns, each):
    """Milliseconds by route: the slowest address and the fastest; and bad answers."""
    cookie = server.enter(role)
    wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    route_of = lambda path: next((r for r, p in patterns if p.match(path.split("?")[0])), None)
    waiting = collections.deque(["/"] + [r for r, _ in patterns if "{" not in r])
    seen, asked, took, bad = set(), collections.Counter(), {}, []
    while waiting:
        path = waiting.popleft()
        route = route_of(path)
        if path in seen or route is None or asked[route] >= each:
            continue
        seen.add(path)
        begun = time.perf_counter()
        wire.request("GET", path, headers={"Cookie": cookie})
        answer = wire.getresponse()
        body = answer.read()
        ms = (time.perf_counter() - begun) * 1000
        if answer.status >= 500:
            bad.append((answer.status, route))
        if answer.status != 200:
            continue
        asked[route] += 1
        slow, fast, size = took.get(route, (0, ms, 0))
        took[route] = (max(slow, ms), min(fast, ms), max(size, len(body)))
        if "html" in (answer.getheader("content-type") or ""):
            for link in re.findall(r'href="(/[^"#]*)', body.decode()):
                waiting.append(html.unescape(link))
    wire.close()
    return took, bad


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=150_000)
    arguments.add_argument("--books", type=Path)
    arguments.add_argument("--fujiao")
    arguments.add_argument("--each", type=int, default=4)
    arguments.add_argument("--port", type=int, default=8797)
    arguments.add_argument("--out", type=Path)
    args = arguments.parse_args()
    fujiao = program(args.fujiao)
    with tempfile.TemporaryDirectory(prefix="fujiao-every-") as folder:
        books = args.books
        if not books:
            subprocess.run(
                [fujiao, "demo", "--people", str(args.people), "--no-serve", "--out", folder], check=True, capture_output=True)
            books = next(p.parent for p in Path(folder).rglob("county.db"))
        server = Server(str(fujiao), str(books), args.port)
        try:
            answers = {role: walk(server, role, routes(), args.each) for role in server.links}
        finally:
            server.process.terminate()
            server.process.wait()
    lines = [
        {"role": role, "route": route, "slowest_ms": round(slow, 1), "fastest_ms": round(fast, 1), "bytes": size}
        for role, (took, _) in answers.items()
        for route, (slow, fast, size) in took.items()
    ]
    lines.sort(key=lambda line: -line["slowest_ms"])
    bad = [{"role": role, "status": status, "route": route} for role, (_, bad) in answers.items() for status, route in bad]
    for line in lines[:30]:
        print(f"{line['slowest_ms']:9.1f} ms  {line['role']:6} {line['route']}")
    over = {str(ms): sum(line["slowest_ms"] > ms for line in lines) for ms in (100, 250, 500, 1000)}
    print(f"{len(lines)} routes of roles; slower than so many ms: {over}; bad answers: {bad}")
    if args.out:
        result = {"people": args.people, "routes": len(lines), "over_ms": over, "bad": bad, "slowest": lines[:60]}
        (args.out / f"every-page-{args.people}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
