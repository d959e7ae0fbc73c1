"""Makes the virtual environment of the peers under target/bench-labour/venv and installs requirements.txt from PyPI.

usage: python3 bench/labour/setup.py
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "target" / "bench-labour" / "venv"
python = VENV / "bin" / "python"

if not python.exists():
    venv.create(VENV, with_pip=True)
wanted = Path(__file__).with_name("requirements.txt")
sys.exit(subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=False).returncode)
