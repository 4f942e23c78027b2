#!/usr/bin/env python3
"""Holds docs/logs.md to src/base/log_events.h, and both to the calls: every event is told with its level and fields, is used, and is
given exactly the fields that its text names; nothing logs around the catalogue."""
import pathlib
import re
import sys

EVENT = re.compile(r'inline constexpr LogEvent (\w+)\{\s*"([^"]+)",\s*LogLevel::k(\w+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\};')
ROW = re.compile(r"^\| `([a-z_.]+)` \| (\w+) \|([^|]*)\| .+ \|$")
CALL = re.compile(r"logEvent\(\s*events::(\w+)")
NAME = re.compile(r"^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$")


def arguments(text: str, begin: int) -> str:
    """What stands between the parenthesis at `begin` and its partner; texts hold no parentheses that matter."""
    depth = 0
    for at in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[begin:at]
    return text[begin:]


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    wrong: list[str] = []
    header = (root / "src/base/log_events.h").read_text()
    events: dict[str, tuple[str, str, list[str]]] = {}
    for constant, name, level, texts in EVENT.findall(header):
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', texts))
        events[constant] = (name, level.lower(), re.findall(r"\{(\w+)\}", text))
        if not NAME.match(name):
            wrong.append(f"{name}: not of the form room.what_happened")
    if len(events) != header.count("LogEvent k") or len(events) < 60:
        wrong.append(f"only {len(events)} events could be read")
    names = [name for name, _, _ in events.values()]
    wrong += [f"{name}: twice" for name in sorted(set(names)) if names.count(name) > 1]

    told: dict[str, tuple[str, list[str]]] = {}
    for line in (root / "docs/logs.md").read_text().splitlines():
        if match := ROW.match(line):
            if match[1] in told:
                wrong.append(f"{match[1]}: told twice")
            told[match[1]] = (match[2], re.findall(r"`(\w+)`", match[3]))
    for name, level, fields in events.values():
        if name not in told:
            wrong.append(f"{name}: not told in docs/logs.md")
        elif told[name] != (level, fields):
            wrong.append(f"{name}: is {level} {fields}, told is {told[name][0]} {told[name][1]}")
    wrong += [f"{name}: there is no such event" for name in told if name not in names]

    used = set()
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in {".h", ".cc"} or path.parent.name == "base" and path.stem.startswith("log"):
            continue
        text = path.read_text()
        if "spdlog" in text:
            wrong.append(f"{path}: logs around base/log.h")
        for call in CALL.finditer(text):
            constant = call[1]
            used.add(constant)
            if constant not in events:
                wrong.append(f"{path}: {constant} is no event")
                continue
            given = re.findall(r'\{"(\w+)",', arguments(text, text.index("(", call.start())))
            if sorted(given) != sorted(events[constant][2]):
                wrong.append(f"{path}: {constant} is given {given} instead of {events[constant][2]}")
    wrong += [f"{events[constant][0]}: is never logged" for constant in events if constant not in used]
    print("\n".join(wrong) if wrong else f"{len(events)} events are told and given what they name")
    return 1 if wrong else 0


sys.exit(main())
