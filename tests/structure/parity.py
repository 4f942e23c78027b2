#!/usr/bin/env python3
"""Holds docs/parity.md to the tests: every `Suite.Test` that it names exists, and every row names one or says that
there is nothing to test."""
import pathlib
import re
import sys

TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)")
NAMED = re.compile(r"`([A-Z][A-Za-z0-9]*\.[A-Za-z0-9_]+)`")
# Words of rows without tests.
NOTHING = "there are no"


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    there = set()
    for path in (root / "tests").rglob("*.cc"):
        there.update(f"{suite}.{test}" for suite, test in TEST.findall(path.read_text()))
    wrong = []
    rows = 0
    for line in (root / "docs" / "parity.md").read_text().splitlines():
        if not line.startswith("| ") or line.startswith("| | the reference |"):
            continue
        rows += 1
        named = NAMED.findall(line)
        wrong += [f"no such test: {name}" for name in named if name not in there]
        if not named and NOTHING not in line:
            wrong.append(f"a row without a test: {line}")
    if rows < 40:
        wrong.append(f"only {rows} rows were found")
    print("\n".join(wrong) if wrong else f"{rows} rows are held by tests that exist")
    return 1 if wrong else 0


sys.exit(main())
