#!/usr/bin/env python3
"""Several counties on one machine: import, assess, pages, and how each grows with the number of counties.

    cargo build --release -p fujiao
    python3 bench/scale/run.py --counties 1 20 --people 150000 --out bench/results
    python3 bench/scale/run.py --counties 1 20 --people 150000 --db postgres://USER@HOST/DATABASE --out bench/results

Each county has books of its own: a folder with SQLite, or a schema of one PostgreSQL server, which is how counties are kept
apart on a server (ADR 0073). As many counties are worked on at once as --at-once says. Afterwards each county is served by a
program of its own, all of them at the same time, and pages are asked for at random; what is written down is the median and the
95th percentile over all counties. The result is a JSON file and, with more than one number of counties, an SVG of the growth.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY = "2025-10-15"
PAGES = ["/", "/area/aid", "/area/meals", "/cases", "/schools", "/data", "/reports"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    parser.add_argument("--fujiao", type=pathlib.Path, default=target / "fujiao")
    parser.add_argument("--counties", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--people", type=int, default=150_000)
    parser.add_argument("--at-once", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--db", help="a PostgreSQL server; without it SQLite")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="fujiao-scale-", dir=args.work))
    try:
        county = work / "county"
        run(args, "synth", "--people", args.people, "--seed", 11, "--noise", "0.05", "--as-of", DAY, "--out", county)
        rows = [trial(args, work, county, n) for n in args.counties]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    result = {"database": "postgresql" if args.db else "sqlite", "people": args.people, "at_once": args.at_once, "rows": rows}
    text = json.dumps(result, indent=1)
    print(text)
    if args.out:
        name = f"scale-{result['database']}-{args.people}"
        (args.out / f"{name}.json").write_text(text + "\n")
        if len(rows) > 1:
            (args.out / f"{name}.svg").write_text(plot(rows))


def run(args, *words):
    said = subprocess.run([str(args.fujiao.resolve()), *map(str, words)], capture_output=True, text=True)
    if said.returncode not in (0, 1):
        raise SystemExit(f"{words}: {said.stderr}")
    return said


def trial(args, work, county, number):
    """One number of counties."""
    folders = [work / f"books-{number}-{n}" for n in range(number)]
    schemas = [f"scale{os.getpid()}_{number}_{n}" for n in range(number)]
    urls = [None] * number
    if args.db:
        mark = "&" if "?" in args.db else "?"
        for n, schema in enumerate(schemas):
            sql(args, f"create schema {schema}")
            urls[n] = f"{args.db}{mark}options=-csearch_path%3D{schema}"
    places = list(zip(folders, urls))

    def timed(step):
        def one(place):
            begun = time.monotonic()
            folder, url = place
            db = ["--db", url] if url else []
            if step == "import":
                run(args, "import", county, "--data", folder, *db)
            else:
                run(args, "run", county, "--out", folder, "--as-of", DAY, *db)
            took = time.monotonic() - begun
            # Tables and report are written and counted; a hundred counties' would fill the disk beside the books.
            for left in [*folder.glob("*.csv"), *folder.glob("*.xlsx"), *folder.glob("*.docx")]:
                left.unlink()
            shutil.rmtree(folder / "refused", ignore_errors=True)
            return took

        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(args.at_once) as pool:
            each = sorted(pool.map(one, places))
        return time.monotonic() - begun, each[len(each) // 2]

    imports, assessments = timed("import"), timed("assess")
    pages = served(args, places)
    size = sum(f.stat().st_size for folder in folders for f in folder.glob("county.db*"))
    if args.db:
        names = ",".join(f"'{s}'" for s in schemas)
        size = int(
            sql(
                args,
                "select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c"
                f" join pg_namespace n on n.oid = c.relnamespace where n.nspname in ({names}) and c.relkind = 'r'",
            )
        )
        for schema in schemas:
            sql(args, f"drop schema {schema} cascade")
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    row = {
        "counties": number,
        "import_seconds": round(imports[0], 1),
        "import_seconds_of_a_county": round(imports[1], 1),
        "assess_seconds": round(assessments[0], 1),
        "assess_seconds_of_a_county": round(assessments[1], 1),
        "page_ms_median": pages[0],
        "page_ms_p95": pages[1],
        "bytes": size,
    }
    print(row, flush=True)
    return row


def sql(args, text):
    return subprocess.run(["psql", args.db, "-XAtq", "-c", text], check=True, capture_output=True, text=True).stdout.strip()


def served(args, places):
    """All counties served at once; median and 95th percentile of pages, in milliseconds."""
    draw, servers = random.Random(5), []
    try:
        for folder, url in places:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            words = [str(args.fujiao.resolve()), "serve", str(folder), "--port", str(port), *(["--db", url] if url else [])]
            child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            said = ""
            for line in child.stdout:
                said += line
                if "Ctrl-C" in line:
                    break
            link = re.search(r"教育局.*?/enter/([0-9a-f]{64})", said)
            if not link:
                raise SystemExit(f"no link in:\n{said}")
            wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            wire.request("POST", f"/enter/{link[1]}", "", {"content-type": "application/x-www-form-urlencoded"})
            answer = wire.getresponse()
            answer.read()
            servers.append((child, wire, {"cookie": answer.headers["set-cookie"].split(";")[0]}))

        def ask(n):
            child, wire, headers = servers[n % len(servers)]
            begun = time.monotonic()
            wire.request("GET", draw.choice(PAGES), headers=headers)
            answer = wire.getresponse()
            answer.read()
            return (time.monotonic() - begun) * 1000 if answer.status == 200 else None

        for n in range(len(servers)):
            ask(n)
        took = [ms for ms in map(ask, range(args.requests)) if ms is not None]
        if len(took) < args.requests // 2:
            raise SystemExit(f"only {len(took)} of {args.requests} pages were answered")
        took.sort()
        return round(took[len(took) // 2], 1), round(took[int(len(took) * 0.95)], 1)
    finally:
        for child, wire, _ in servers:
            wire.close()
            child.terminate()
        for child, *_ in servers:
            child.wait()


def plot(rows):
    """Seconds over counties, each line named at its end."""
    wide, high, left, low = 640, 360, 60, 40
    most = max(max(r["import_seconds"], r["assess_seconds"]) for r in rows) or 1
    last = max(r["counties"] for r in rows)
    x = lambda n: left + (wide - left - 120) * n / last
    y = lambda s: high - low - (high - 2 * low) * s / most
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12">']
    out.append(f'<path d="M{left} {low}V{high - low}H{wide - 120}" fill="none" stroke="#888"/>')
    out.append(f'<text x="{left}" y="{low - 12}">seconds in all</text><text x="{wide - 116}" y="{high - low + 4}">counties</text>')
    for r in rows:
        out.append(f'<text x="{x(r["counties"]):.0f}" y="{high - low + 18}" text-anchor="middle">{r["counties"]}</text>')
    out.append(f'<text x="{left - 6}" y="{low + 4}" text-anchor="end">{most:.0f}</text>')
    for key, colour in [("import_seconds", "#2c5f7c"), ("assess_seconds", "#a03c2c")]:
        points = " ".join(f'{x(r["counties"]):.1f},{y(r[key]):.1f}' for r in rows)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        end = rows[-1]
        out.append(f'<text x="{x(end["counties"]) + 8:.0f}" y="{y(end[key]) + 4:.0f}" fill="{colour}">{key.split("_")[0]}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


if __name__ == "__main__":
    main()
