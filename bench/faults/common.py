"""What every part of the harness shares: books on either database, a server that can be killed, and the questions afterwards."""

import collections
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Killed(Exception):
    """The server went away: for the phone, no signal."""


class Report:
    """What is counted over all parts: kills by step, faults, how long the next start took."""

    def __init__(self):
        self.kills = collections.Counter()
        self.late = collections.Counter()
        self.starts = []
        self.said = 0
        self.faults = []

    def fault(self, text):
        self.faults.append(text)
        print("FAULT", text, file=sys.stderr)

    def json(self):
        starts = sorted(self.starts)
        return {
            "kills": dict(self.kills),
            "kills_in_all": sum(self.kills.values()),
            "too_late": dict(self.late),
            "starts": len(starts),
            "start_seconds_median": round(starts[len(starts) // 2], 2) if starts else None,
            "start_seconds_longest": round(starts[-1], 2) if starts else None,
            "starts_that_said_what_happened": self.said,
            "faults": self.faults,
        }


class Books:
    """A folder with books, or with the key to books on a server, in a schema of their own."""

    def __init__(self, world, folder, url=None):
        self.world, self.folder, self.url = world, folder, url

    def db(self):
        return ["--db", self.url] if self.url else []

    def rows(self, sql):
        """Answers of a query, each a tuple of texts."""
        if self.url:
            said = subprocess.run(
                ["psql", self.url, "-XAtq", "-F", "\x1f", "-c", sql], capture_output=True, text=True
            )
            if said.returncode:
                raise SystemExit(said.stderr)
            return [tuple(line.split("\x1f")) for line in said.stdout.splitlines()]
        with sqlite3.connect(f"file:{self.folder / 'county.db'}", uri=True) as books:
            return [tuple("" if v is None else str(v) for v in row) for row in books.execute(sql)]

    def one(self, sql):
        return int(self.rows(sql)[0][0])

    def exists(self):
        return bool(self.url) or (self.folder / "county.db").exists()

    def verify(self):
        """What is wrong with the books."""
        said = self.world.run("verify", self.folder, *self.db(), "--json")
        if said.returncode not in (0, 1) or not said.stdout.strip():
            return [said.stdout + said.stderr]
        return json.loads(said.stdout)["faults"]

    def drop(self):
        if self.url:
            self.world.sql(f"drop schema if exists {self.schema()} cascade")
        shutil.rmtree(self.folder, ignore_errors=True)

    def schema(self):
        return urllib.parse.unquote(self.url).rsplit("search_path=", 1)[1]


class World:
    """The program, a database server if one is tried, a source of chance, and the report."""

    def __init__(self, args, draw):
        self.args, self.draw, self.report = args, draw, Report()
        self.program = args.fujiao.resolve()
        self.server = args.db
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="fujiao-faults-", dir=args.work))
        self.made = 0
        self.seconds = {}

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def command(self, *words):
        return [str(self.program), *map(str, words)]

    def run(self, *words, **how):
        """Runs a command to its end."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, **how)

    def must(self, *words):
        said = self.run(*words)
        if said.returncode not in (0, 1):
            raise SystemExit(f"{words}: {said.stdout}{said.stderr}")
        return said

    def sql(self, text, url=None):
        subprocess.run(["psql", url or self.server, "-Xq", "-c", text], check=True, capture_output=True)

    def folder(self, name):
        self.made += 1
        path = self.work / f"{self.made}-{name}"
        path.mkdir()
        return path

    def books(self, name, like=None):
        """New books; as `like`, a folder with books, if one is named."""
        folder = self.folder(name)
        if like:
            for file in like.iterdir():
                if file.name.startswith("county.") or file.suffix == ".toml":
                    shutil.copy(file, folder / file.name)
        if not self.server:
            return Books(self, folder)
        schema = f"faults{os.getpid()}_{self.made}"
        self.sql(f"create schema {schema}")
        mark = "&" if "?" in self.server else "?"
        url = f"{self.server}{mark}options=-csearch_path%3D{schema}"
        if like:
            self.must("move", folder, "--to", url)
            for file in folder.glob("county.db*"):
                file.unlink()
        return Books(self, folder, url)

    def over(self, step):
        """How much of the kills of a step is still to do."""
        return self.report.kills[step] >= self.args.each

    def killed(self, step, command):
        """Runs a command and kills it at a random moment within its usual time; whether it was still at work."""
        usual = self.seconds.get(step, 1.0)
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.draw.random() * usual * 1.05)
        at_work = child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        (self.report.kills if at_work else self.report.late)[step] += 1
        return at_work

    def timed(self, step, command):
        """Runs a command to its end and learns how long it takes."""
        begun = time.monotonic()
        said = subprocess.run(command, capture_output=True, text=True)
        took = time.monotonic() - begun
        self.seconds[step] = 0.5 * self.seconds.get(step, took) + 0.5 * took
        return said


class Server:
    """`fujiao serve`, which can be killed and started anew under its address."""

    def __init__(self, books):
        self.books, self.world = books, books.world
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.links, self.child, self.log = "", None, None

    def start(self):
        """Starts, and notes how long it took until the pages are ready."""
        begun = time.monotonic()
        words = ["serve", self.books.folder, "--port", self.port, *self.books.db()]
        if self.log:
            self.log.close()
        self.log = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(
            self.world.command(*words), stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        lines = []
        for line in self.child.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        else:
            self.log.seek(0)
            raise SystemExit("the server does not come up:\n" + "".join(lines) + self.log.read())
        self.links = "".join(lines)
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=20):
                    break
            except OSError:
                if time.monotonic() - begun > 60:
                    raise SystemExit("the books do not answer") from None
                time.sleep(0.01)
        took = time.monotonic() - begun
        self.world.report.starts.append(took)
        if took > self.world.args.start_bar:
            self.world.report.fault(f"a start took {took:.2f} s")

    def again(self):
        """Starts after a kill: it must say what happened."""
        self.start()
        self.log.seek(0)
        if "上次没有正常停下" in self.log.read():
            self.world.report.said += 1
        else:
            self.world.report.fault("a start after a kill does not say what happened")
        self.log.seek(0, 2)

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.child.stdout.close()
