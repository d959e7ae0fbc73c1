#!/usr/bin/env python3
"""The package on a bare Debian 12 that is really started: systemd, the unit's walls, the handbook's lines as they stand.

    cargo xtask deb --out target/debian
    sudo python3 bench/install/run.py --deb target/debian/fujiao_*.deb --rosters FOLDER --out bench/results

--rosters is a folder `fujiao synth` made. --tree is a Debian tree with systemd and sudo; without it one is made with debootstrap
(network, or --mirror). The tree is copied, booted in namespaces without a network, and thrown away. Needs root and a Linux
kernel with namespaces; nothing of the machine outside is touched.

What is held: the lines of docs/handbook/start.md (taken from it, so they cannot drift) work; the program runs as its own user
with no capability, no new privileges and a filter of system calls; it cannot write the system, nor see other processes; killed
it comes back; stopped it ends by itself in time; after an upgrade the new program serves (what an upgrade does to the books is
tested in crates/store); after a restart of the machine it serves again; removed it leaves the books. Anything else fails the trial.
"""

import argparse
import http.cookiejar
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
BOOKS = "/var/lib/fujiao"
# Where the administrator stands when they type.
DESK = "/root"
PACKAGES = "systemd-sysv,dbus,sudo,adduser,curl,ca-certificates"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deb", type=pathlib.Path, required=True)
    parser.add_argument("--rosters", type=pathlib.Path, required=True)
    parser.add_argument("--tree", type=pathlib.Path)
    parser.add_argument("--mirror", default="http://deb.debian.org/debian")
    parser.add_argument("--keep", action="store_true", help="leave the tree where it is, and say where")
    parser.add_argument("--out", type=pathlib.Path)
    args = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("namespaces and mounts want root: sudo python3 bench/install/run.py …")
    work = pathlib.Path(tempfile.mkdtemp(prefix="fujiao-install-"))
    tree, machine = work / "tree", None
    said = Said()
    try:
        if args.tree:
            subprocess.run(["cp", "-a", args.tree, tree], check=True)
        else:
            words = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", tree, args.mirror]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(args.deb, tree / "root")
        shutil.copytree(args.rosters, tree / "srv" / "rosters")
        machine = Machine(tree)
        trial(machine, said, args.deb.name)
    finally:
        if machine:
            machine.off()
        if args.keep:
            print(f"kept: {tree}", file=sys.stderr)
        else:
            shutil.rmtree(work, ignore_errors=True)
    text = json.dumps(said.json(), indent=1, ensure_ascii=False)
    print(text)
    if args.out:
        (args.out / "install-debian-12.json").write_text(text + "\n")
    return 1 if said.faults else 0


class Said:
    """What was held, what was measured, what went wrong."""

    def __init__(self):
        self.held, self.seconds, self.faults, self.exposure = [], {}, [], None

    def hold(self, true, what, why=""):
        if true:
            self.held.append(what)
        else:
            self.faults.append(f"{what}: {why}")
            print("FAULT", what, why, file=sys.stderr)

    def json(self):
        return {"held": self.held, "seconds": self.seconds, "exposure": self.exposure, "faults": self.faults}


class Machine:
    """A Debian tree that was started."""

    def __init__(self, tree):
        self.tree = tree
        self.on()

    def on(self):
        words = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--fork", "--kill-child"]
        self.child = subprocess.Popen([*words, "sh", HERE / "boot.sh", self.tree], stdin=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            # The only child of `unshare` becomes systemd by `exec`.
            found = subprocess.run(["pgrep", "-P", str(self.child.pid)], capture_output=True, text=True).stdout.split()
            self.first = found[0] if found else None
            if self.first and "systemd" in pathlib.Path(f"/proc/{self.first}/comm").read_text():
                state = self.run("systemctl is-system-running --wait").stdout.strip()
                if state in ("running", "degraded"):
                    subprocess.run(["nsenter", "-t", self.first, "-n", "ip", "link", "set", "lo", "up"], check=True)
                    return
            time.sleep(0.2)
        raise SystemExit("the tree did not start: does it hold systemd?")

    def run(self, line, timeout=300):
        """One line of shell, as root inside."""
        words = ["nsenter", "-t", self.first, "-m", "-p", "-u", "-i", "-n"]
        words += ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", f"HOME={DESK}", "DEBIAN_FRONTEND=noninteractive"]
        return subprocess.run([*words, "sh", "-c", f"cd {DESK} && {line}"], capture_output=True, text=True, timeout=timeout)

    def off(self):
        if self.child.poll() is None:
            subprocess.run(["kill", "-s", "SIGRTMIN+4", self.first], check=False)  # systemd: power off
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def handbook():
    """The lines of shell in the chapter of the first day, by its heading."""
    text = (ROOT / "docs/handbook/start.md").read_text()
    lines = {}
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        block = re.search(r"```sh\n(.*?)```", part, re.S)
        if block:
            lines[part.splitlines()[0]] = block[1].strip().splitlines()
    return lines


def trial(machine, said, package):
    """The handbook's first day, then years in a minute."""
    lines = handbook()
    begun = time.monotonic()
    link = None
    for line in lines["装上，开张"]:
        done = machine.run(line)
        said.hold(done.returncode == 0, f"handbook: {line}", done.stdout[-400:] + done.stderr[-400:])
        found = re.search(r"http\S+/enter/([0-9a-f]{64})", done.stdout)
        link = found[0] if found else link
    said.hold(link is not None, "init gives the first link", "none")
    ready(machine, said, "first start")
    port = re.search(r":(\d+)/", link)[1]
    page = machine.run(f"curl -s -o /dev/null -w '%{{http_code}}' '{link}'").stdout
    said.hold(page == "200", "the first link opens in a browser", page)
    for line in lines["锁好密钥"] + lines["每周半天"]:
        done = machine.run(line)
        said.hold(done.returncode == 0, f"handbook: {line}", done.stdout[-400:] + done.stderr[-400:])
    done = machine.run(f"chown -R fujiao /srv/rosters && sudo -u fujiao fujiao import /srv/rosters --data {BOOKS}")
    said.hold(done.returncode in (0, 1), "a folder of rosters is taken in while it serves", done.stderr[-400:])
    said.seconds["bare machine to rosters taken in"] = round(time.monotonic() - begun, 1)

    walls(machine, said, port)
    survive(machine, said, package)


def ready(machine, said, what, patience=30):
    """Waits until the service says that it is ready."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        pid = machine.run("systemctl show fujiao -p MainPID --value").stdout.strip()
        port = machine.run(f"sed -n 's/^port *= *//p' {BOOKS}/fujiao.toml").stdout.strip() or "8080"
        code = machine.run(f"curl -s -o /dev/null -w '%{{http_code}}' http://127.0.0.1:{port}/readyz").stdout
        if code == "200":
            said.seconds[f"{what}: ready after"] = round(time.monotonic() - begun, 2)
            return pid
        time.sleep(0.1)
    log = machine.run("systemctl status fujiao; journalctl -u fujiao -n 30 --no-pager").stdout
    said.hold(False, f"{what}: ready within {patience} s", log[-1500:])
    return "0"


def walls(machine, said, port):
    """The walls of the unit, seen at the running process and from inside it."""
    pid = ready(machine, said, "with books")
    status = dict(re.findall(r"^(\w+):\s*(.*)$", machine.run(f"cat /proc/{pid}/status").stdout, re.M))
    said.hold(status.get("NoNewPrivs") == "1", "no new privileges", status.get("NoNewPrivs"))
    said.hold(status.get("Seccomp") == "2", "system calls are filtered", status.get("Seccomp"))
    for kind in ("CapPrm", "CapEff", "CapBnd", "CapAmb"):
        said.hold(int(status.get(kind, "1"), 16) == 0, f"no capability ({kind})", status.get(kind))
    user = machine.run(f"stat -c %U /proc/{pid}").stdout.strip()
    said.hold(user == "fujiao", "runs as its own user", user)
    # What the process sees: the same walls, entered from outside.
    inside = f"nsenter -t {pid} -m -p setpriv --reuid fujiao --regid fujiao --clear-groups"
    for folder in ("/usr/bin", "/etc", "/root", "/home", "/opt"):
        said.hold(machine.run(f"{inside} touch {folder}/x").returncode != 0, f"cannot write {folder}", "it can")
    # Not a matter of rights: even root behind the walls finds a system that is read-only.
    for folder in ("/usr/bin", "/etc", "/opt"):
        done = machine.run(f"nsenter -t {pid} -m touch {folder}/x")
        said.hold(done.returncode != 0, f"the system is read-only: {folder}", "it is not")
    said.hold(machine.run(f"nsenter -t {pid} -m ls -A /home /root").stdout.split() in (["/home:", "/root:"],), "homes are not seen", "")
    devices = set(machine.run(f"nsenter -t {pid} -m ls /dev").stdout.split())
    said.hold(not devices & {"sda", "vda", "mem", "kmsg"}, "no devices of the machine", str(devices))
    others = machine.run(f"{inside} sh -c 'ls -d /proc/[0-9]*'").stdout.split()
    strange = [p for p in others if machine.run(f"stat -c %U {p}").stdout.strip() not in ("fujiao", "")]
    said.hold(not strange, "others' processes are not seen", " ".join(strange))
    mode = machine.run(f"stat -c '%U %a' {BOOKS}").stdout.strip()
    said.hold(mode == "fujiao 700", "the books' folder is the program's alone", mode)
    loose = machine.run(f"find {BOOKS} -perm /077 ! -type l").stdout.split()
    said.hold(not loose, "no file in it can be read by another", " ".join(loose[:5]))
    log = machine.run("journalctl -u fujiao -o cat --no-pager").stdout
    said.hold(not re.search(r"\d{17}[\dX]", log), "no identity number in the journal", "there is one")
    score = machine.run("systemd-analyze security fujiao --no-pager | tail -1").stdout
    found = re.search(r": ([\d.]+) ", score)
    said.hold(bool(found) and float(found[1]) <= 2.0, "systemd-analyze security at most 2.0", score.strip())
    if found:
        said.exposure = float(found[1])


def survive(machine, said, package):
    """Killed, stopped, upgraded, restarted, removed."""
    counted = "sudo -u fujiao fujiao verify " + BOOKS
    before = machine.run(counted)
    said.hold(before.returncode == 0, "the books verify", before.stdout[-300:] + before.stderr[-300:])

    old = ready(machine, said, "before the kill")
    machine.run(f"kill -9 {old}")
    time.sleep(0.5)
    new = ready(machine, said, "killed")
    said.hold(new not in ("0", old), "killed, it comes back", f"{old} {new}")

    begun = time.monotonic()
    done = machine.run("systemctl stop fujiao")
    said.seconds["stopped after"] = round(time.monotonic() - begun, 2)
    result = machine.run("systemctl show fujiao -p Result -p ExecMainStatus --value").stdout.split()
    said.hold(done.returncode == 0 and sorted(result) == ["0", "success"], "stopped, it ends by itself", str(result))
    machine.run("systemctl start fujiao")
    ready(machine, said, "started again")

    # An upgrade: the same package under a later number.
    built = machine.run(
        f"dpkg-deb -R {package} next && sed -i 's/^Version:.*/Version: 99.0/' next/DEBIAN/control"
        " && dpkg-deb -b next next.deb && dpkg -i next.deb"
    )
    said.hold(built.returncode == 0, "an upgrade installs over a running service", built.stderr[-300:])
    upgraded = ready(machine, said, "upgraded")
    said.hold(upgraded not in ("0", new), "upgraded, the new program serves", upgraded)

    # A setting that is wrong keeps the service from starting, and the journal says which.
    machine.run(f"cp {BOOKS}/fujiao.toml good.toml && sed -i 's/^port.*/port = \"many\"/' {BOOKS}/fujiao.toml")
    machine.run(f"grep -q many {BOOKS}/fujiao.toml || echo 'port = \"many\"' >> {BOOKS}/fujiao.toml")
    machine.run("systemctl restart fujiao")
    time.sleep(3)
    log = machine.run("journalctl -u fujiao -n 20 -o cat --no-pager").stdout
    state = machine.run("systemctl is-active fujiao").stdout.strip()
    named = "fujiao.toml" in log and "many" in log
    said.hold(state != "active" and named, "a wrong setting stops the start and is named with its line", f"{state}: {log[-300:]}")
    machine.run(f"cat good.toml > {BOOKS}/fujiao.toml")
    ready(machine, said, "setting mended, nothing else done")

    machine.off()
    machine.on()
    ready(machine, said, "machine restarted")

    done = machine.run("dpkg -r fujiao")
    said.hold(done.returncode == 0, "removed", done.stderr[-300:])
    gone = machine.run("pgrep -x fujiao").stdout.strip()
    said.hold(not gone, "removed, nothing runs", gone)
    left = machine.run(f"ls {BOOKS}/county.db {BOOKS}/fujiao.toml")
    said.hold(left.returncode == 0, "removed, the books stay", left.stderr)


if __name__ == "__main__":
    sys.exit(main())
