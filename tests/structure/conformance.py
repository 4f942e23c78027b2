#!/usr/bin/env python3
"""Holds docs/conformance.md to the tests: each item of the checklist has a row, each row names tests
that carry the item's number, and each test that is named exists. A name that ends in * stands for
all that begin so."""
import pathlib
import re
import sys

# How far each letter goes. F has gaps, as the matrix of PATCH has.
ITEMS = {
    "A": range(1, 27), "B": range(1, 11), "C": range(1, 11), "D": range(1, 11), "E": range(1, 19),
    "F": [*range(1, 8), *range(10, 19), *range(20, 28), *range(30, 47), 50, 51], "G": range(1, 8),
    "H": range(1, 6), "I": range(1, 7), "J": range(1, 8), "K": range(1, 4), "L": range(1, 8),
    "M": range(1, 12), "N": range(1, 4), "O": range(1, 11), "Q": range(1, 10), "R": range(1, 12),
    "S": range(1, 34),
}
# Rows that need no test say so in these words.
EXCUSES = ("not yet", "does not apply")
ROW = re.compile(r"^\| ([A-S]\d+) \| (.*) \|$")
TEST = re.compile(r"`([A-Za-z0-9_]+\*?)`")
# A test, or a row of a table of tests, that is named after an item.
NAME = re.compile(r"\b(?:[A-Z]\d*_)+[A-Za-z0-9_]+\b")
IN_TABLE = re.compile(r"`([A-Z]\d*_[A-Za-z0-9_]*\*?)`")


def names_in(tests: pathlib.Path) -> set:
    names = set()
    for path in tests.rglob("*.cc"):
        names.update(NAME.findall(path.read_text()))
    return names


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    document = (root / "docs" / "conformance.md").read_text()
    known = names_in(root / "tests")
    wrong = []
    for name in TEST.findall(document):
        if not IN_TABLE.match(f"`{name}`"):
            continue
        found = any(test.startswith(name[:-1]) for test in known) if name.endswith("*") else name in known
        if not found:
            wrong.append(f"there is no test {name}")
    rows = {}
    for line in document.splitlines():
        match = ROW.match(line)
        if not match:
            continue
        item = match[1]
        if item in rows:
            wrong.append(f"{item} has two rows")
        rows[item] = match[2]
    for letter, numbers in ITEMS.items():
        for number in numbers:
            item = f"{letter}{number}"
            if item not in rows:
                wrong.append(f"{item} has no row")
                continue
            tests = rows[item].split("|")[-1]
            carries = any(item + "_" in name for name in IN_TABLE.findall(tests))
            if not carries and not any(excuse in tests for excuse in EXCUSES):
                wrong.append(f"{item}: no test that carries its number")
    for item in rows:
        if int(item[1:]) not in ITEMS.get(item[0], []):
            wrong.append(f"{item} is no item")
    print("\n".join(wrong) or f"{len(rows)} items, each with its tests")
    return 1 if wrong else 0


sys.exit(main())
