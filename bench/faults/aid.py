"""Kills `fujiao aid` while it sends and reconciles, and counts the money.

Books of LINES children who are owed the same are made with a batch that is approved. Then, until all is paid: the batch is
exported, the file is carried to a bank, and the bank's answer is reconciled. Each command may be killed with SIGKILL after a
time drawn by the seed, and is begun again, sometimes by two clerks at once. The bank of this script takes a file's number
once and pays each key once; some lines come back, some answers are in parts, out of order or handed in twice. When a
batch is done the books are made anew, until so many kills have hit a command at work.

Counted: fen that the bank moved to an account beyond what is owed (doubled), payments of the books that the bank did not
make or made and the books do not know (lost), and what `fujiao verify` finds wrong.
"""

import collections
import json
import subprocess
import sys

OWED = 62_500


class Bank:
    """Takes a file's number once, a key once; keeps what it moved."""

    def __init__(self, draw):
        self.draw = draw
        self.files = {}
        self.moved = collections.Counter()
        self.told = {}

    def take(self, path):
        text = path.read_bytes().decode("gb18030")
        lines = [line.split("|") for line in text.split("\r\n")]
        if not lines or lines[0][0] != "H" or not any(line[0] == "T" for line in lines):
            sys.exit(f"{path}: half a file lies under the name of a whole one")
        number = lines[0][1]
        payments = [(l[2], l[3], int(l[7].replace(".", ""))) for l in lines if l[0] == "D"]
        if number in self.files:
            if self.files[number] != payments:
                sys.exit(f"file {number} came twice with other lines")
            return number
        self.files[number] = payments
        for key, account, fen in payments:
            paid = self.draw.random() > 0.05
            self.told[key] = paid
            if paid:
                self.moved[account] += fen
        return number

    def answer(self, number, share):
        """The answer to a part of a file, out of order."""
        lines = [line for line in self.files[number] if self.draw.random() < share]
        self.draw.shuffle(lines)
        rows = [f"文件号：{number}", "业务号,收款账号,金额,处理结果,入账日期"]
        for key, account, fen in lines:
            word = "成功" if self.told[key] else "失败"
            rows.append(f"{key},{account},{fen // 100}.{fen % 100:02},{word},2025-10-28")
        return "\n".join(rows) + "\n"


def batch(world, template):
    """One batch to its end."""
    books = world.books("aid", template)
    bank = Bank(world.draw)
    out = books.folder / "out"

    def aid(*words, by="zhao"):
        return world.command(
            "aid", *words, "--json", "--data", books.folder, "--by", by, "--day", "2025-10-24", *books.db()
        )

    def twice(command, other):
        """Two clerks at once."""
        both = [subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in (command, other)]
        for child in both:
            child.wait()

    def disturbed(step, command):
        while world.draw.random() < 0.8 and not world.over(step):
            world.killed(step, command)
            # What lies there as a whole file may be carried away before anybody exports again.
            for path in sorted(out.glob("*.txt")) if step == "export" and out.exists() else []:
                bank.take(path)

    def ended(step, command):
        done = world.timed(step, command)
        if done.returncode == 2:
            sys.exit(f"{step}: {done.stderr}")

    for _ in range(12):
        export = aid("export", 1, "--out", out)
        disturbed("export", export)
        if world.draw.random() < 0.2:
            twice(export, aid("export", 1, "--out", books.folder / "other", by="qian"))
        ended("export", export)
        for path in sorted(out.glob("*.txt")):
            number = bank.take(path)
            for part in (0.5, 1.0, 1.0):
                back = books.folder / "back.csv"
                back.write_text(bank.answer(number, part), encoding="utf-8")
                reconcile = aid("reconcile", back)
                disturbed("reconcile", reconcile)
                if world.draw.random() < 0.2:
                    twice(reconcile, reconcile)
                ended("reconcile", reconcile)
        status = json.loads(world.must(*aid("status", 1)[1:]).stdout)
        if status["due"] == 0 and status["sent"] == 0:
            break
    doubled = sum(max(0, fen - OWED) for fen in bank.moved.values())
    moved = sum(bank.moved.values())
    lost = abs(moved - status["paid_fen"])
    if status["due"] == 0:
        lost += world.args.lines * OWED - moved
    if doubled:
        world.report.fault(f"{doubled} fen were paid twice")
    if lost:
        world.report.fault(f"{lost} fen are lost")
    for fault in books.verify():
        world.report.fault(f"aid: {fault}")
    funds = json.loads(world.must(*aid("funds")[1:]).stdout)
    off = sum(f["owed_fen"] + f["sent_fen"] for f in funds["funds"])
    if off:
        world.report.fault(f"{off} fen are still allocated or under way")
    books.drop()


def run(world):
    template = world.folder("aid-template")
    make = [str(world.args.example), "make", str(template), str(world.args.lines)]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
    world.seconds |= {"export": 0.3, "reconcile": 0.3}
    while not (world.over("export") and world.over("reconcile")):
        batch(world, template)
        print("aid", dict(world.report.kills), flush=True)
