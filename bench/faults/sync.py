"""Kills the server while a phone sends what was written without signal, and counts what arrived.

A made county is served; a class teacher's phone sends visits, contacts, attendance, meal counts and photos as the outbox
does: one at a time, again with the same key until a receipt comes. At a step drawn by the seed the server is killed with
SIGKILL: before the request, after a part of it, while it is at work, after it answered but before the phone noted the
receipt, and the same with photos. Afterwards each entry and photo must be in the books once, and each contact must be one live
source row.
"""

import collections
import http.client
import json
import re
import socket
import time
import uuid

from common import Killed, Server

STEPS = ["before", "half", "at_work", "answered", "photo_half", "photo_at_work", "photo_answered"]
ROLE = "班主任"
JPEG = b"\xff\xd8\xff\xe0"


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


def run(world):
    out = world.folder("demo")
    world.must("demo", "--people", "3000", "--out", out, "--no-serve")
    books = world.books("sync", out / "结果")
    server = Server(books)
    server.start()
    phone = Phone(server)
    phone.enter(ROLE)
    day = phone.day()
    draw, report = world.draw, world.report
    arrived, sends, done = collections.Counter(), 0, []

    def until_receipt(path, body, kind, steps, key):
        """Again with the same bytes until the server answers, as the outbox does."""
        nonlocal sends
        while True:
            step = draw.choice(steps) if not world.over("sync") and draw.random() < 0.7 else None
            sends += 1
            try:
                return phone.send(path, body, kind, step and step.removeprefix("photo_"), draw)
            except Killed:
                if step:
                    report.kills["sync"] += 1
                    arrived[step] += is_there(books, key)
                server.again()

    n = 0
    while not world.over("sync") or n < 50:
        entry, photos = written(day, draw, n)
        n += 1
        body = json.dumps({"entries": [entry]}).encode()
        status, said = until_receipt("/visit/sync", body, "application/json", STEPS[:4], entry["key"])
        receipt = json.loads(said)["receipts"][0] if status == 200 else None
        if not receipt or receipt["state"] != "kept" or receipt["key"] != entry["key"]:
            report.fault(f"entry {n}: {status} {said[:300]!r}")
        for key, picture in photos:
            path = f"/visit/photo/{key}?entry={entry['key']}"
            status, said = until_receipt(path, picture, "application/octet-stream", STEPS[4:], key)
            if status != 200:
                report.fault(f"photo of entry {n}: {status} {said[:300]!r}")
        done.append((entry, photos))
    server.kill()
    for fault in [*books.verify(), *count(books, done)]:
        report.fault(f"sync: {fault}")
    after = ", ".join(f"{step} {arrived[step]}" for step in STEPS if arrived[step])
    print(f"sync: {sends} requests for {len(done)} entries; arrived with the receipt lost: {after}", flush=True)
    books.drop()


def hexed(books, key):
    """A key as the database writes bytes."""
    return f"'\\x{key}'" if books.url else f"x'{key}'"


def is_there(books, key):
    """Whether an entry or photo is in the books of a server that was killed."""
    k = hexed(books, key)
    return books.one(
        f"select (select count(*) from entry where entry_key = {k}) + (select count(*) from entry_photo where photo_key = {k})"
    )


def count(books, done):
    """What is not there exactly once."""
    faults = []
    for entry, photos in done:
        key = hexed(books, entry["key"])
        numbers = books.rows(f"select entry_no from entry where entry_key = {key}")
        if len(numbers) != 1:
            faults.append(f"entry {entry['key']} is there {len(numbers)} times")
            continue
        lines = books.one(f"select count(*) from audit where action = 'record' and object = 'entry {numbers[0][0]}'")
        if lines != 1:
            faults.append(f"entry {entry['key']} has {lines} lines in the audit")
        for photo, _ in photos:
            if books.one(f"select count(*) from entry_photo where photo_key = {hexed(books, photo)}") != 1:
                faults.append(f"photo {photo} is not there once")
    rows = books.one(
        "select count(*) from source_row s join file f on f.county = s.county and f.file_id = s.file_id"
        " where f.name like '网上登记%' and s.kind = 'contacts' and s.superseded_by is null"
    )
    visits = sum(1 for entry, _ in done if entry["kind"] == "visit")
    if rows != visits:
        faults.append(f"{rows} live source rows for {visits} visits and contacts")
    return faults
