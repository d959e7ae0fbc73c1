"""Fills the disk: a file of the program may grow so far and no further, as on a disk without room.

Oracle: the command says so and ends by itself, what was confirmed before is there, the books verify, and once there is room the
same command ends as if nothing had been. A backup that finds no room leaves no half of a file.
"""

import os
import resource
import signal


def limited(most):
    """For a child: files of no more than `most` bytes, and an error instead of a signal."""

    def prepare():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return prepare


def run(world):
    if world.server:
        return
    county = world.folder("county")
    day = "2025-10-15"
    world.must("synth", "--people", "2000", "--seed", "9", "--noise", "0.05", "--as-of", day, "--out", county)
    clean = world.books("clean")
    world.must("run", county, "--out", clean.folder, "--as-of", day)
    whole = (clean.folder / "county.db").stat().st_size
    for _ in range(world.args.each_slow):
        books = world.books("full")
        most = int(whole * (0.05 + 0.9 * world.draw.random()))
        said = world.run("run", county, "--out", books.folder, "--as-of", day, preexec_fn=limited(most))
        world.report.kills["disk full"] += 1
        if said.returncode not in (0, 1, 2) or (said.returncode and not said.stderr.strip()):
            world.report.fault(f"a full disk: ended with {said.returncode}, said {said.stderr[-300:]!r}")
        if "panicked" in said.stderr:
            world.report.fault(f"a full disk: {said.stderr[-300:]}")
        if books.exists() and (books.folder / "county.key").exists():
            for fault in books.verify():
                world.report.fault(f"after a full disk: {fault}")
        world.must("run", county, "--out", books.folder, "--as-of", day)
        for name in ("persons.csv", "gaps.csv"):
            if (books.folder / name).read_bytes() != (clean.folder / name).read_bytes():
                world.report.fault(f"after a full disk {name} is another")
        # A backup without room.
        most = int(whole * world.draw.random() * 0.9)
        said = world.run("backup", books.folder, preexec_fn=limited(most))
        world.report.kills["disk full, backup"] += 1
        left = list((books.folder / "backups").glob("*")) if (books.folder / "backups").exists() else []
        scratch = [p.name for p in books.folder.iterdir() if p.name.startswith(".fujiao-scratch")]
        if said.returncode == 0:
            world.report.late["disk full, backup"] += 1
        elif left or scratch:
            world.report.fault(f"a backup without room leaves {[p.name for p in left]} {scratch}")
        for fault in books.verify():
            world.report.fault(f"after a backup without room: {fault}")
        books.drop()
        print("disk", dict(world.report.kills), flush=True)
    clean.drop()
    assert os.path.exists(county)
