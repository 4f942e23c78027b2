#!/usr/bin/env python3
"""Holds docs/conformance.md to the tests: each item of the checklist has a row, each row names tests
that carry the item's number, and each test that is named exists. A name that ends in * stands for
all that begin so. docs/cases.md is held the same way. Each row of the list of what clients send names files of tests/golden/idp or tests,
each of these files is named by its own row, and tolerances are named where the files need them. Each case
of bad input has a row of tests or files."""
import json
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
# The rows of what clients send have numbers of their own.
CLIENTS = "\n## What clients really send\n"
CLIENT_ROWS = [
    *(f"E{number}" for number in range(1, 37)), "E27a", "E27b",
    *(f"O{number}" for number in range(1, 21)), "O14a",
    *(f"X{number}" for number in range(26)), "X14a", "X14b",
]
# Cases of bad input have a dash in their number.
CASES = "\n## Bad input: cases F, G and P\n"
CASE_ROWS = [f"{letter}-{number}" for letter in "PFG" for number in range(1, 9)]
CASE_ROW = re.compile(r"^\| ((?:[A-Z]|Fault)-\d+) \| (.*) \|$", re.MULTILINE)
# Those of the other page, and how far each letter goes.
OTHER_CASES = {"A": 10, "T": 7, "I": 8, "H": 10, "J": 13, "O": 7, "Fault": 14}
OTHER_CASE_ROWS = [f"{letter}-{number}" for letter, last in OTHER_CASES.items() for number in range(1, last + 1)]
# Rows that need no test say so in these words.
EXCUSES = ("not yet", "does not apply")
# Answers a group's PATCH by 204 instead of 200: no request is refused without it.
NEVER_REFUSES = {"group_patch_204"}
ROW = re.compile(r"^\| ([A-Z]\d+[ab]?) \| (.*) \|$")
TEST = re.compile(r"`([A-Za-z0-9_]+\*?)`")
# A test, or a row of a table of tests, that is named after an item.
NAME = re.compile(r"\b(?:[A-Z]\d*_)+[A-Za-z0-9_]+\b")
ANY_TEST = re.compile(r"^TEST(?:_F|_P)?\(\w+,\s*(\w+)\)", re.MULTILINE)
IN_TABLE = re.compile(r"`([A-Z]\d*_[A-Za-z0-9_]*\*?)`")
QUOTED = re.compile(r"`([^`]+)`")


def names_in(tests: pathlib.Path) -> set:
    names = set()
    for path in tests.rglob("*.cc"):
        text = path.read_text()
        names.update(NAME.findall(text))
        names.update(ANY_TEST.findall(text))
    return names


def rows_of(part: str, wrong: list) -> dict:
    rows = {}
    for line in part.splitlines():
        match = ROW.match(line)
        if not match:
            continue
        if match[1] in rows:
            wrong.append(f"{match[1]} has two rows")
        rows[match[1]] = match[2]
    return rows


def exists(name: str, known: set) -> bool:
    if name.endswith("*"):
        return any(test.startswith(name[:-1]) for test in known)
    return name in known


def check_items(part: str, known: set, wrong: list) -> int:
    for name in TEST.findall(part):
        if not IN_TABLE.match(f"`{name}`"):
            continue
        if not exists(name, known):
            wrong.append(f"there is no test {name}")
    rows = rows_of(part, wrong)
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
        if int(item[1:].rstrip("ab")) not in ITEMS.get(item[0], []) or item[-1] in "ab":
            wrong.append(f"{item} is no item")
    return len(rows)


def tolerances_needed(exchange: dict, tolerances: set) -> tuple:
    """Those that the file's specification adds to a preset, and whether it is refused strictly."""
    changes = exchange.get("tolerances", "").split(",")
    added = {change[1:] for change in changes if change.startswith("+")}
    return added & tolerances, "strict" in exchange


def check_clients(part: str, root: pathlib.Path, known: set, wrong: list) -> int:
    tolerances = set(re.findall(r"^\| `(\w+)` \|", (root / "docs" / "tolerances.md").read_text(), re.MULTILINE))
    folder = root / "tests" / "golden" / "idp"
    exchanges = {
        path.relative_to(folder).with_suffix("").as_posix(): json.loads(path.read_text())
        for path in folder.rglob("*.json")
    }
    rows = rows_of(part, wrong)
    named = set()
    for row, text in rows.items():
        cells = text.split(" | ")
        if row not in CLIENT_ROWS or len(cells) != 3:
            wrong.append(f"{row}: no row of a client, or not of four columns")
            continue
        here = set(QUOTED.findall(cells[1])) & tolerances
        added, refused = set(), False
        for name in QUOTED.findall(cells[2]) or ["nothing"]:
            if name in exchanges:
                if exchanges[name]["row"] != row:
                    wrong.append(f"{row} names {name}.json, which is of {exchanges[name]['row']}")
                named.add(name)
                more, strictly = tolerances_needed(exchanges[name], tolerances)
                added |= more
                refused |= strictly
            elif name not in known:
                wrong.append(f"{row}: there is no exchange and no test {name}")
        if not added <= here:
            wrong.append(f"{row}: its files need {', '.join(sorted(added - here))}, which the row does not name")
        if refused != bool(here - added - NEVER_REFUSES):
            wrong.append(f"{row}: a row names a tolerance exactly where one of its files is refused without it")
    wrong.extend(f"{row} has no row" for row in CLIENT_ROWS if row not in rows)
    wrong.extend(f"no row names {name}.json" for name in sorted(set(exchanges) - named))
    return len(rows)


def check_cases(part: str, cases: list, root: pathlib.Path, known: set, wrong: list) -> int:
    rows = CASE_ROW.findall(part)
    for case in cases:
        if sum(row == case for row, _ in rows) != 1:
            wrong.append(f"{case} has no row, or several")
    for case, text in rows:
        cells = text.split(" | ")
        if case not in cases or len(cells) != 3:
            wrong.append(f"{case}: no case, or not of four columns")
            continue
        names = QUOTED.findall(cells[2])
        if not names and cells[2] not in EXCUSES:
            wrong.append(f"{case} names no test")
        for name in names:
            exchange = root / "tests" / "golden" / "idp" / f"{name}.json"
            file = "/" in name and (exchange.is_file() or (root / name).is_file())
            if not file and not exists(name, known):
                wrong.append(f"{case}: there is no test and no file {name}")
    return len(rows)


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    document = (root / "docs" / "conformance.md").read_text()
    known = names_in(root / "tests")
    wrong = []
    items, _, rest = document.partition(CLIENTS)
    clients, _, cases = rest.partition(CASES)
    counts = (
        check_items(items, known, wrong),
        check_clients(clients, root, known, wrong),
        check_cases(cases, CASE_ROWS, root, known, wrong)
        + check_cases((root / "docs" / "cases.md").read_text(), OTHER_CASE_ROWS, root, known, wrong),
    )
    print(
        "\n".join(wrong)
        or f"{counts[0]} items, {counts[1]} rows of clients and {counts[2]} cases, each with its tests"
    )
    return 1 if wrong else 0


sys.exit(main())
