"""Runs one peer of the rules benchmark, unchanged, and writes its inputs for us.
usage: peers.py RULES.py openfisca|numpy|polars PERSONS [--inputs FOLDER]

RULES.py is the peers' script (shared/bench/peers/rules.py). Household incomes are rounded to whole yuan before anybody sees
them: the peers divide them in single precision and we do not divide, and on whole yuan both come to the same answer."""
import argparse, pathlib, runpy, sys
import numpy as np

a = argparse.ArgumentParser()
a.add_argument("rules"); a.add_argument("engine"); a.add_argument("persons"); a.add_argument("--inputs")
a = a.parse_args()
real = np.random.default_rng


class WholeYuan:
    """The generator, with whole incomes."""
    def __init__(self, seed):
        self.generator = real(seed)

    def lognormal(self, *args):
        return np.rint(self.generator.lognormal(*args))

    def __getattr__(self, name):
        return getattr(self.generator, name)


np.random.default_rng = WholeYuan
sys.path.insert(0, str(pathlib.Path(a.rules).resolve().parent))
sys.argv = [a.rules, a.engine, a.persons]
said = runpy.run_path(a.rules, run_name="__main__")
if a.inputs:
    folder = pathlib.Path(a.inputs); folder.mkdir(parents=True, exist_ok=True)
    i = said["I"]

    def write(name, values):
        np.asarray(values).astype("<i4").tofile(folder / f"{name}.i32")

    for name in ("hh", "birth_year", "birth_month", "stage_spring", "stage_autumn", "boarding", "disabled", "orphan", "martyr",
                 "rural", "in_training", "category"):
        write(name, i[name])
    write("tuition", np.rint(i["tuition"] * 100.0))
    write("income", np.rint(i["income"].astype(np.float64) * 100.0))
    for month in range(12):
        write(f"attend{month}", i["attend"][month])
