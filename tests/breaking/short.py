"""A little of what scripts/break does, as a test; called by scripts/test. The last line says `N passed, M failed`."""

import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Each ends in the same line.
STEPS = [["judge_check.py"], ["run.py", "--victim", "all", "--rounds", "6"], ["run.py", "--proxy", "--rounds", "4"],
         ["soak.py", "--minutes", "0.3", "--window", "2"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/dev/src/vestibule")
    options = parser.parse_args()
    passed = failed = 0
    for script, *arguments in STEPS:
        if script != "judge_check.py":
            arguments += ["--program", options.program]
        if script == "run.py":
            arguments += ["--keep", ROOT / "build/breaking"]
        done = subprocess.run([sys.executable, "-B", HERE / script, *arguments], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(done.stdout, end="", flush=True)
        counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.MULTILINE)
        passed += int(counts[1]) if counts else 0
        failed += int(counts[2]) if counts else 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
