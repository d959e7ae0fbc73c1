"""Makes the virtual environment of the peers under target/bench-link/venv and installs requirements.txt from PyPI.

usage: python3 bench/link/setup.py
"""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / "target" / "bench-link" / "venv"

if not (VENV / "bin" / "python").exists():
    venv.create(VENV, with_pip=True)
pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"]
sys.exit(subprocess.run(pip, check=False).returncode)
