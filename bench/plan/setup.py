"""Makes the virtual environment of the peers under target/bench-plan/venv and installs requirements.txt from PyPI.

usage: python3 bench/plan/setup.py
"""

import subprocess
import sys
import venv

import common

if not common.PYTHON.exists():
    venv.create(common.WORK / "venv", with_pip=True)
wanted = common.ROOT / "bench" / "plan" / "requirements.txt"
sys.exit(subprocess.run([common.PYTHON, "-m", "pip", "install", "-q", "-r", wanted], check=False).returncode)
