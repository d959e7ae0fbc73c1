"""Kills `fujiao import` and `fujiao run` while they take rosters in and assess, and compares what is there in the end.

Oracle: the books verify after each kill; once all went through, the lists are those of a run that nobody disturbed, row by row
and byte by byte, and no row is there twice.
"""

import json

LISTS = ["persons.csv", "gaps.csv"]
COUNTS = {
    "source rows": "select count(*) from source_row where superseded_by is null",
    "files": "select count(*) from file",
    "persons": "select count(*) from person",
}


def run(world):
    county = world.folder("county")
    day = "2025-10-15"
    people = str(world.args.people)
    world.must("synth", "--people", people, "--seed", "7", "--noise", "0.05", "--as-of", day, "--out", county)

    def steps(books):
        return {
            "import": world.command("import", county, "--data", books.folder, *books.db()),
            "assess": world.command("run", county, "--out", books.folder, "--as-of", day, *books.db()),
        }

    clean = world.books("clean")
    for step, command in steps(clean).items():
        said = world.timed(step, command)
        if said.returncode == 2:
            raise SystemExit(said.stderr)
    wanted = {what: clean.one(sql) for what, sql in COUNTS.items()}
    while not (world.over("import") and world.over("assess")):
        books = world.books("killed")
        for step, command in steps(books).items():
            # Each kill falls on the remains of the one before.
            for _ in range(world.draw.randrange(1, 8)):
                if world.over(step):
                    break
                world.killed(step, command)
                if (books.folder / "county.key").exists() and books.exists():
                    for fault in books.verify():
                        world.report.fault(f"after a kill of {step}: {fault}")
            said = world.timed(step, command)
            if said.returncode == 2:
                world.report.fault(f"{step} does not go on: {said.stderr}")
        for what, sql in COUNTS.items():
            if books.one(sql) != wanted[what]:
                world.report.fault(f"{books.one(sql)} {what} instead of {wanted[what]}")
        for name in LISTS:
            if (books.folder / name).read_bytes() != (clean.folder / name).read_bytes():
                world.report.fault(f"{name} is not that of an undisturbed run")
        one, other = (json.loads((b.folder / "summary.json").read_text()) for b in (books, clean))
        if one["areas"] != other["areas"]:
            world.report.fault("the figures are not those of an undisturbed run")
        for fault in books.verify():
            world.report.fault(f"in the end: {fault}")
        books.drop()
        print("rosters", dict(world.report.kills), flush=True)
    clean.drop()
