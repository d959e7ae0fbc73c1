"""Makes the virtual environment of the peers under target/bench-watch/venv and installs requirements.txt from PyPI.

usage: python3 bench/watch/setup.py
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "target" / "bench-watch" / "venv"
if not (VENV / "bin" / "python").exists():
    venv.create(VENV, with_pip=True)
wanted = ROOT / "bench" / "watch" / "requirements.txt"
sys.exit(subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", "-q", "-r", wanted], check=False).returncode)
