#!/usr/bin/env python3
"""Tries the interface for programs with whatever its own document allows, and with what it does not.

    python3 bench/web/schema.py [--fujiao PROGRAM] [--people 3000] [--examples 200]

schemathesis (PyPI) reads openapi.json and sends thousands of requests: no answer may be a 5xx, and each must have a status, a type and
a shape that the document names.
"""
import argparse
import html
import re
import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from run import ROOT, Server, program  # noqa: E402


def token(server):
    """Signs the education bureau in and makes a token with every right that can be given."""
    cookie = server.enter("教育局")
    _, page = server.get("/account/tokens", cookie)
    text = page.decode()
    fields = {"csrf": re.search(r'name="csrf" value="(\w+)"', text).group(1), "name": "schema", "days": "1"}
    fields |= {name: "1" for name in re.findall(r'name="(right_\w+)"', text)}
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    _, page = server.request("POST", "/account/tokens", body, headers.items())
    return re.search(r"<code>([0-9a-f]{64})</code>", html.unescape(page.decode())).group(1)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--fujiao", help="the program, if it is built already")
    ask.add_argument("--people", type=int, default=3_000)
    ask.add_argument("--examples", type=int, default=200)
    ask.add_argument("--port", type=int, default=18_081)
    args = ask.parse_args()
    fujiao = program(args.fujiao)
    place = ROOT / "target" / "bench-web"
    tool = place / "venv" / "bin" / "schemathesis"
    if not tool.exists():
        venv.create(place / "venv", with_pip=True)
        subprocess.run([place / "venv" / "bin" / "pip", "install", "--quiet", "schemathesis>=4"], check=True)
    books = place / str(args.people)
    if not (books / "结果" / "county.db").exists():
        subprocess.run([fujiao, "demo", "--people", str(args.people), "--no-serve", "--out", books],
                       check=True, stdout=subprocess.DEVNULL)
    server = Server(fujiao, books / "结果", args.port)
    try:
        url = f"http://127.0.0.1:{args.port}/api/v1/openapi.json"
        ended = subprocess.run([
            tool, "--config-file", Path(__file__).with_name("schemathesis.toml"), "run", url, "--header", f"Authorization: Bearer {token(server)}",
            "--max-examples", str(args.examples), "--seed", "1", "--workers", "1",
        ], cwd=place)
    finally:
        server.stop()
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
