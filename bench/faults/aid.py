#!/usr/bin/env python3
"""Kills `fujiao aid` while it sends and reconciles, and counts the money.

    cargo build --release -p fujiao && cargo build --release -p fujiao-office --example aid
    python3 bench/faults/aid.py --kills 1000          # about half an hour
    python3 bench/faults/aid.py --quick               # 40 kills

Books of LINES children who are owed the same are made with a batch that is approved. Then, until all is paid: the batch is
exported, the file is carried to a bank, and the bank's answer is reconciled. Each command may be killed with SIGKILL after a
time drawn by the seed, and is begun again, sometimes by two clerks at once. The bank of this script takes a file's number
once and pays each key once; some lines come back, some answers are in parts, out of order or handed in twice. When a
batch is done the books are made anew, until so many kills have hit a command at work.

Counted: fen that the bank moved to an account beyond what is owed (doubled), payments of the books that the bank did not
make or made and the books do not know (lost), and what `fujiao verify` finds wrong.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
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


class Trial:
    def __init__(self, args, draw):
        self.args, self.draw = args, draw
        self.kills = collections.Counter()
        self.late = collections.Counter()
        self.times = {"export": 0.3, "reconcile": 0.3}

    def fujiao(self, books, *words, by="zhao"):
        return [
            str(self.args.fujiao), "--json", "aid", *map(str, words), "--data", str(books), "--by", by,
            "--day", "2025-10-24",
        ]

    def run(self, name, command):
        """Runs a command to its end."""
        begun = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True)
        self.times[name] = 0.5 * self.times.get(name, 0.3) + 0.5 * (time.monotonic() - begun)
        return done

    def killed(self, name, command):
        """Runs a command and kills it at a random moment; whether it was still at work."""
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.draw.random() * self.times[name] * 1.05)
        at_work = child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        (self.kills if at_work else self.late)[name] += 1
        return at_work

    def twice(self, command, other):
        """Two clerks at once."""
        both = [subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in (command, other)]
        for child in both:
            child.wait()

    def batch(self, template, wanted):
        """One batch to its end; what was doubled, lost, or wrong with the books."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="fujiao-aid-", dir=self.args.work))
        books = folder / "books"
        shutil.copytree(template, books)
        bank = Bank(self.draw)
        out = folder / "out"
        for _ in range(12):
            export = self.fujiao(books, "export", 1, "--out", out)
            while self.draw.random() < 0.8 and sum(self.kills.values()) < wanted:
                self.killed("export", export)
                # What lies there as a whole file may be carried away before anybody exports again.
                for path in sorted(out.glob("*.txt")) if out.exists() else []:
                    bank.take(path)
            if self.draw.random() < 0.2:
                other = self.fujiao(books, "export", 1, "--out", folder / "other", by="qian")
                self.twice(export, other)
            done = self.run("export", export)
            if done.returncode == 2:
                sys.exit(f"export: {done.stderr}")
            for path in sorted(out.glob("*.txt")):
                number = bank.take(path)
                for part in (0.5, 1.0, 1.0):
                    back = folder / "back.csv"
                    back.write_text(bank.answer(number, part), encoding="utf-8")
                    reconcile = self.fujiao(books, "reconcile", back)
                    while self.draw.random() < 0.8 and sum(self.kills.values()) < wanted:
                        self.killed("reconcile", reconcile)
                    if self.draw.random() < 0.2:
                        self.twice(reconcile, reconcile)
                    done = self.run("reconcile", reconcile)
                    if done.returncode == 2:
                        sys.exit(f"reconcile: {done.stderr}")
            status = json.loads(self.run("status", self.fujiao(books, "status", 1)).stdout)
            if status["due"] == 0 and status["sent"] == 0:
                break
        doubled = sum(max(0, fen - OWED) for fen in bank.moved.values())
        moved = sum(bank.moved.values())
        lost = abs(moved - status["paid_fen"]) + (self.args.lines * OWED - moved if status["due"] == 0 else 0)
        check = subprocess.run([str(self.args.fujiao), "--json", "verify", str(books)], capture_output=True, text=True)
        faults = json.loads(check.stdout)["faults"]
        funds = json.loads(self.run("funds", self.fujiao(books, "funds")).stdout)
        off = sum(f["owed_fen"] + f["sent_fen"] for f in funds["funds"])
        if off:
            faults.append(f"{off} fen are still allocated or under way")
        shutil.rmtree(folder)
        return doubled, lost, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    parser.add_argument("--fujiao", type=pathlib.Path, default=target / "fujiao")
    parser.add_argument("--example", type=pathlib.Path, default=target / "examples" / "aid")
    parser.add_argument("--lines", type=int, default=400)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    args = parser.parse_args()
    wanted = 40 if args.quick else args.kills
    draw = random.Random(args.seed)
    trial = Trial(args, draw)
    template = pathlib.Path(tempfile.mkdtemp(prefix="fujiao-aid-template-", dir=args.work))
    subprocess.run([str(args.example), "make", str(template), str(args.lines)], check=True, stdout=subprocess.DEVNULL)
    batches, doubled, lost, faults = 0, 0, 0, []
    begun = time.monotonic()
    while sum(trial.kills.values()) < wanted:
        twice, gone, wrong = trial.batch(template, wanted)
        batches, doubled, lost = batches + 1, doubled + twice, lost + gone
        faults += wrong
        kills = sum(trial.kills.values())
        print(f"{batches} batches, {kills} kills, doubled {doubled} fen, lost {lost} fen", file=sys.stderr)
    shutil.rmtree(template)
    print(json.dumps({
        "batches": batches, "lines": args.lines, "kills": dict(trial.kills), "too_late": dict(trial.late),
        "doubled_fen": doubled, "lost_fen": lost, "faults": faults, "seconds": round(time.monotonic() - begun, 1),
        "seed": args.seed,
    }, ensure_ascii=False))
    sys.exit(1 if doubled or lost or faults else 0)


if __name__ == "__main__":
    main()
