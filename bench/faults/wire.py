"""Breaks the connection to PostgreSQL at a random byte, amid commands that send and reconcile money.

Oracle: as for a kill. The command says so; begun again on a whole wire it ends well; the books verify.
"""

import socket
import threading
import time
import urllib.parse


class Wire:
    """Passes bytes on until it is cut; then nothing more, on any connection, until it is mended."""

    def __init__(self, host, port):
        self.to = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.left, self.whole = None, True
        self.pairs = []
        threading.Thread(target=self.accept, daemon=True).start()

    def cut_after(self, count):
        self.left = count

    def mend(self):
        self.left, self.whole = None, True

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if not self.whole:
                client.close()
                continue
            server = socket.create_connection(self.to)
            self.pairs.append((client, server))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(one, other), daemon=True).start()

    def pump(self, one, other):
        try:
            while data := one.recv(65536):
                if self.left is not None:
                    part = data[: self.left]
                    self.left -= len(data)
                    if self.left <= 0:
                        other.sendall(part)
                        self.cut()
                        return
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.whole = False
        for pair in self.pairs:
            for end in pair:
                try:
                    # `close` alone says nothing to the other side while a thread waits for bytes.
                    end.shutdown(socket.SHUT_RDWR)
                    end.close()
                except OSError:
                    pass
        self.pairs = []


def run(world):
    if not world.server:
        return
    at = urllib.parse.urlsplit(world.server)
    wire = Wire(at.hostname, at.port or 5432)
    county = world.folder("county")
    day = "2025-10-15"
    world.must("synth", "--people", "2000", "--seed", "9", "--noise", "0.05", "--as-of", day, "--out", county)
    clean = world.books("clean")
    world.must("run", county, "--out", clean.folder, "--as-of", day, *clean.db())
    most = 200_000
    for _ in range(world.args.each_slow * 3):
        books = world.books("wire")
        through = books.url.replace(f":{at.port}/", f":{wire.port}/")
        cuts = 0
        while cuts < 6:
            wire.mend()
            wire.cut_after(int(most * world.draw.random() ** 2))
            said = world.run("run", county, "--out", books.folder, "--as-of", day, "--db", through)
            if wire.whole:
                most = min(most * 2, 200_000_000)
                break
            cuts += 1
            world.report.kills["wire"] += 1
            if said.returncode == 0 or "panicked" in said.stderr or not said.stderr.strip():
                world.report.fault(f"a cut wire: {said.returncode} {said.stderr[-300:]!r}")
            time.sleep(0.05)
            for fault in books.verify():
                world.report.fault(f"after a cut wire: {fault}")
        world.must("run", county, "--out", books.folder, "--as-of", day, *books.db())
        for name in ("persons.csv", "gaps.csv"):
            if (books.folder / name).read_bytes() != (clean.folder / name).read_bytes():
                world.report.fault(f"after a cut wire {name} is another")
        books.drop()
        print("wire", dict(world.report.kills), flush=True)
    clean.drop()
