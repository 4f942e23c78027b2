#!/usr/bin/env python3
"""Holds docs/guide/limits.md to the program: each value is the default of its setting, or the constant that its row names."""
import json
import pathlib
import re
import subprocess
import sys

ROW = re.compile(r"^\| [^|]+ \| ([^|]+) \| `([^`]+)` \| [^|]+ \|$", re.MULTILINE)
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20}


def told(text: str) -> int:
    """The value that a row tells: `16 KiB`, `1,000 bytes`, `32`."""
    number, _, unit = text.strip().partition(" ")
    return int(number.replace(",", "")) * UNITS.get(unit, 1)


def constant(root: pathlib.Path, place: str) -> int | None:
    """The value of a constant, as the source writes it: a product, a sum or a shift of numbers."""
    file, name = place.split(":")
    text = re.sub(r"//.*", "", (root / "src" / file).read_text())
    found = re.search(rf"\b{name}\s*(?:=\s*([^;]+)|\{{([^}}]+)\}});", text)
    if found is None:
        return None
    expression = re.sub(r"std::\w+\{([^}]*)\}", r"\1", found[1] or found[2])
    expression = re.sub(r"(?<=[0-9])(?:'(?=[0-9])|[uUlL]+\b)", "", expression.replace("\n", " "))
    if not re.fullmatch(r"[0-9 *+<()]+", expression):
        return None
    return int(eval(expression))  # nothing but numbers and operators


def main() -> int:
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    shown = subprocess.run([program, "--json", "config"], text=True, capture_output=True, check=True).stdout
    settings = {each["key"]: each["default"] for each in json.loads(shown)}
    wrong = []
    rows = ROW.findall((root / "docs/guide/limits.md").read_text())
    for value, place in rows:
        if ":" not in place:
            real = settings.get(place)
        elif (root / "src" / place.split(":")[0]).exists():
            real = constant(root, place)
        else:
            real = None
        # A time in hours is told in days.
        if place.endswith("kLongestOverlap") and real is not None:
            real //= 24
        if real is None:
            wrong.append(f"{place}: there is no such setting or constant")
        elif told(value) != real:
            wrong.append(f"{place} is {real}, told is {value}")
    if len(rows) < 50:
        wrong.append(f"only {len(rows)} rows were found")
    print("\n".join(wrong) if wrong else f"{len(rows)} limits are as told")
    return 1 if wrong else 0


sys.exit(main())
