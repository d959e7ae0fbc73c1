#!/usr/bin/env python3
"""Kills the server while a phone sends what was written without signal, and counts what arrived.

    python3 bench/faults/sync.py --fujiao target/release/fujiao --kills 200

A made county is served; a class teacher's phone sends visits, contacts, attendance, meal counts and photos as the outbox
does: one at a time, again with the same key until a receipt comes. At a step drawn by the seed the server is killed with
SIGKILL: before the request, after a part of it, while it is at work, after it answered but before the phone noted the
receipt, and the same with photos. Afterwards each entry and photo must be in the books once, each contact must be one live
source row, and `fujiao verify` must find the audit chain whole.
"""

import argparse
import collections
import http.client
import json
import pathlib
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

STEPS = ["before", "half", "at_work", "answered", "photo_half", "photo_at_work", "photo_answered"]
JPEG = b"\xff\xd8\xff\xe0"


class Killed(Exception):
    """The server went away: for the phone, no signal."""


class Server:
    def __init__(self, fujiao, books):
        self.command = [str(fujiao), "serve", str(books), "--port"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.links = ""

    def start(self):
        self.child = subprocess.Popen(
            self.command + [str(self.port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        lines = []
        for line in self.child.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        self.links = "".join(lines)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        raise SystemExit("the server does not come up:\n" + self.links)

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.child.stdout.close()


class Phone:
    """What the outbox does, without a browser."""

    def __init__(self, server):
        self.server, self.cookie, self.csrf = server, None, None

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)

    def enter(self, role):
        found = re.search(rf"{role}.*?/enter/([0-9a-f]{{64}})", self.server.links)
        if not found:
            raise SystemExit(f"no link for {role} in:\n{self.server.links}")
        c = self.connection()
        c.request("POST", f"/enter/{found[1]}", "", {"content-type": "application/x-www-form-urlencoded"})
        answer = c.getresponse()
        answer.read()
        self.cookie = answer.headers["set-cookie"].split(";")[0]

    def day(self):
        c = self.connection()
        c.request("GET", "/visit/day", headers={"cookie": self.cookie, "accept": "application/json"})
        answer = c.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"/visit/day: {answer.status} {body[:200]!r}")
        day = json.loads(body)
        self.csrf = day["csrf"]
        return day

    def send(self, path, body, kind, step, rng):
        """One request, in which the server dies at `step`; None: it lives."""
        if step == "before":
            self.server.kill()
            raise Killed
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nCookie: {self.cookie}\r\n"
            f"X-Csrf: {self.csrf}\r\nContent-Type: {kind}\r\nAccept: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()
        whole = head + body
        try:
            with socket.create_connection(("127.0.0.1", self.server.port), 20) as wire:
                if step == "half":
                    wire.sendall(whole[: rng.randrange(1, len(whole))])
                    time.sleep(rng.random() * 0.003)
                    self.server.kill()
                    raise Killed
                wire.sendall(whole)
                if step == "at_work":
                    # Between the last byte of the request and a little after the usual answer.
                    time.sleep(rng.random() * 0.03)
                    self.server.kill()
                    raise Killed
                answer = http.client.HTTPResponse(wire)
                answer.begin()
                said = answer.read()
                if step == "answered":
                    self.server.kill()
                    raise Killed
                return answer.status, said
        except OSError as error:
            raise Killed from error


def written(day, rng, n):
    """Something that a teacher writes."""
    entry = {"key": uuid.UUID(int=rng.getrandbits(128)).hex, "on": day["day"], "written_at": "2025-10-15T02:00:00Z"}
    kinds = ["visit", "contact", "attendance", "meals"] if day["classes"] else ["visit", "contact"]
    kind = kinds[n % len(kinds)]
    if kind in ("visit", "contact"):
        child = rng.choice(day["children"])
        entry |= {"kind": "visit", "person": child["id"], "how": "home" if kind == "visit" else "phone"}
        entry |= {"text": f"第 {n} 次", "met": "祖母"}
    else:
        of = rng.choice(day["classes"])
        entry |= {"kind": kind, "school": of["school"], "grade": of["grade"], "class": of["class"]}
        if kind == "meals":
            entry["served"] = str(of["size"] - n % 3)
        else:
            entry["marks"] = {id: rng.choice(["present", "present", "ill", "leave"]) for id, _ in of["pupils"]}
    photos = []
    if kind == "visit":
        photos = [(uuid.UUID(int=rng.getrandbits(128)).hex, JPEG + rng.randbytes(40_000)) for _ in range(n % 3)]
    return entry, photos


def main():
    parse = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parse.add_argument("--fujiao", type=pathlib.Path, required=True)
    parse.add_argument("--kills", type=int, default=200)
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--people", type=int, default=3000)
    parse.add_argument("--role", default="班主任")
    asked = parse.parse_args()
    rng = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder)
        fujiao = asked.fujiao.resolve()
        made = [str(fujiao), "demo", "--people", str(asked.people), "--out", str(out), "--no-serve"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        books = out / "结果"
        server = Server(fujiao, books)
        server.start()
        phone = Phone(server)
        phone.enter(asked.role)
        day = phone.day()
        kills, arrived, sends, done = collections.Counter(), collections.Counter(), 0, []
        began = time.monotonic()

        def until_receipt(path, body, kind, steps, key):
            """Again with the same bytes until the server answers, as the outbox does."""
            nonlocal sends
            while True:
                step = None
                if sum(kills.values()) < asked.kills and rng.random() < 0.7:
                    step = rng.choice(steps)
                sends += 1
                try:
                    return phone.send(path, body, kind, step and step.removeprefix("photo_"), rng)
                except Killed:
                    kills[step] += 1
                    arrived[step] += is_there(books / "county.db", key)
                    server.start()

        n = 0
        while sum(kills.values()) < asked.kills or n < 50:
            entry, photos = written(day, rng, n)
            n += 1
            body = json.dumps({"entries": [entry]}).encode()
            status, said = until_receipt("/visit/sync", body, "application/json", STEPS[:4], entry["key"])
            receipt = json.loads(said)["receipts"][0] if status == 200 else None
            if not receipt or receipt["state"] != "kept" or receipt["key"] != entry["key"]:
                raise SystemExit(f"entry {n}: {status} {said[:300]!r}")
            for key, picture in photos:
                path = f"/visit/photo/{key}?entry={entry['key']}"
                status, said = until_receipt(path, picture, "application/octet-stream", STEPS[4:], key)
                if status != 200:
                    raise SystemExit(f"photo of entry {n}: {status} {said[:300]!r}")
            done.append((entry, photos))
        took = time.monotonic() - began
        server.kill()
        verify = subprocess.run([str(fujiao), "verify", str(books)], capture_output=True, text=True)
        faults = count(books / "county.db", done)
        if verify.returncode != 0:
            faults.append("verify: " + verify.stdout + verify.stderr)
        visits = sum(1 for entry, _ in done if entry["kind"] == "visit")
        print(f"kills {sum(kills.values())}; of them after the commit, with the receipt lost:")
        for step in STEPS:
            print(f"  {step:<15} {kills[step]:>3} {arrived[step]:>3}")
        print(f"requests {sends} for {len(done)} entries ({visits} visits and contacts) and {sum(len(p) for _, p in done)} photos")
        print(f"seconds {took:.0f}")
        for fault in faults:
            print("FAULT", fault)
        print("every entry and photo arrived exactly once; the chain verifies" if not faults else f"{len(faults)} faults")
        sys.exit(1 if faults else 0)


def is_there(db, key):
    """Whether an entry or photo is in the books of a server that was killed."""
    books = sqlite3.connect(f"file:{db}", uri=True)
    sql = "select (select count(*) from entry where entry_key = ?1) + (select count(*) from entry_photo where photo_key = ?1)"
    return books.execute(sql, (bytes.fromhex(key),)).fetchone()[0]


def count(db, done):
    """What is not there exactly once."""
    books = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    one = lambda sql, *args: books.execute(sql, args).fetchone()[0]
    faults = []
    for entry, photos in done:
        key = bytes.fromhex(entry["key"])
        if one("select count(*) from entry where entry_key = ?", key) != 1:
            faults.append(f"entry {entry['key']} is not there once")
        number = one("select entry_no from entry where entry_key = ?", key)
        lines = one("select count(*) from audit where action = 'record' and object = ?", f"entry {number}")
        if lines != 1:
            faults.append(f"entry {entry['key']} has {lines} lines in the audit")
        for photo, _ in photos:
            if one("select count(*) from entry_photo where photo_key = ?", bytes.fromhex(photo)) != 1:
                faults.append(f"photo {photo} is not there once")
    if one("select count(*) from entry") != len(done):
        faults.append("entries that nobody wrote")
    rows = one(
        "select count(*) from source_row s join file f on f.county = s.county and f.file_id = s.file_id"
        " where f.name like '网上登记%' and s.kind = 'contacts' and s.superseded_by is null"
    )
    visits = sum(1 for entry, _ in done if entry["kind"] == "visit")
    if rows != visits:
        faults.append(f"{rows} live source rows for {visits} visits and contacts")
    return faults


if __name__ == "__main__":
    main()
