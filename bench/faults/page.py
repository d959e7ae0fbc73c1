"""Corrupts a page of the SQLite file.

Oracle: the damage is found (by `verify`, or the books do not open), nothing is backed up from it, and the last backup brings the
books back line by line.
"""

import json

PAGE = 8192


def run(world):
    if world.server:
        return
    out = world.folder("demo")
    world.must("demo", "--people", "2000", "--out", out, "--no-serve")
    template = out / "结果"
    made = json.loads(world.must("backup", template, "--json").stdout)
    sound = world.books("sound", template)
    rows = sound.one("select count(*) from source_row")
    pages = (sound.folder / "county.db").stat().st_size // PAGE
    free = sound.one("select freelist_count from pragma_freelist_count")
    unseen = 0
    for _ in range(world.args.each_slow * 4):
        books = world.books("page", template)
        db = books.folder / "county.db"
        damaged = bytearray(db.read_bytes())
        at = world.draw.randrange(pages) * PAGE
        kind = world.draw.choice(["noise", "noughts", "another page"])
        other = world.draw.randrange(pages) * PAGE
        new = {
            "noise": world.draw.randbytes(PAGE),
            "noughts": bytes(PAGE),
            "another page": bytes(damaged[other : other + PAGE]),
        }[kind]
        same = bytes(damaged[at : at + PAGE]) == new
        damaged[at : at + PAGE] = new
        db.write_bytes(damaged)
        world.report.kills["page"] += 1
        said = world.run("verify", books.folder)
        if said.returncode == 0 and not same:
            unseen += 1
        if "panicked" in said.stderr:
            world.report.fault(f"page {at // PAGE}, {kind}: {said.stderr[-300:]}")
        back = world.must("restore", made["file"], "--data", books.folder, "--json")
        if back.returncode:
            world.report.fault(f"a restore after a damaged page: {back.stdout}{back.stderr}")
        if books.verify():
            world.report.fault("restored books do not verify")
        # The restore is a line of the chain itself.
        now = (books.one("select count(*) from source_row"), books.one("select count(*) from audit"))
        if now != (rows, made["audit_lines"] + 1):
            world.report.fault(f"restored books hold {now}, not {(rows, made['audit_lines'] + 1)}")
        books.drop()
    # A page that holds nothing may be anything.
    if unseen > max(1, world.args.each_slow * 4 * free // pages + 2):
        world.report.fault(f"{unseen} damaged pages were not found; {free} of {pages} are free")
    print("page", dict(world.report.kills), f"of them of no effect: {unseen}", flush=True)
    sound.drop()
