#!/usr/bin/env python3
"""Holds docs/man/vestibule.1 to the program: it has every command that `--help` shows, in the same number, and below each of
them its options."""
import pathlib
import re
import subprocess
import sys


def commands(program: str, path: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """Every command that does something, with the long options of its own, by what `--help` prints."""
    shown = subprocess.run([program, *path, "--help"], text=True, capture_output=True, check=True).stdout
    options, _, below = shown.partition("\nSubcommands:\n")
    own = set(re.findall(r"^  (--[a-z-]+)", options, re.MULTILINE))
    # One with subcommands that does something itself has options of its own.
    found = {" ".join(path): own} if path and (own or not below) else {}
    for name in re.findall(r"^  ([a-z]\S*)", below, re.MULTILINE):
        found |= commands(program, (*path, name))
    return found


def plain(line: str) -> str:
    """A line of roff as text."""
    line = re.sub(r"^\.[A-Z]+ ?", "", line)
    return re.sub(r'"|\\f.', "", line).replace(r"\-", "-")


def entries(page: str) -> dict[str, str]:
    """The outermost tagged paragraphs of the section COMMANDS: tag, and what stands below it."""
    section = re.search(r"^\.SH COMMANDS\n(.*?)^\.SH ", page, re.MULTILINE | re.DOTALL).group(1)
    found: dict[str, str] = {}
    depth = 0
    tagged = False
    current = ""
    for line in section.splitlines():
        depth += {".RS": 1, ".RE": -1}.get(line, 0)
        if depth == 0 and tagged:
            current = plain(line)
            found[current] = ""
        elif current:
            found[current] += plain(line) + "\n"
        tagged = line == ".TP"
    return found


def main() -> int:
    program, page = sys.argv[1], pathlib.Path(sys.argv[2]).read_text()
    there = commands(program)
    told = entries(page)
    wrong = []
    for command, options in there.items():
        below = [other for other in there if other.startswith(command + " ")]
        tags = [tag for tag in told if (tag + " ").startswith(command + " ")
                and not any((tag + " ").startswith(other + " ") for other in below)]
        if len(tags) != 1:
            wrong.append(f"{command}: {len(tags)} entries instead of one")
            continue
        text = tags[0] + "\n" + told[tags[0]]
        wrong += [f"{command}: {option} is not told" for option in sorted(options)
                  if not re.search(re.escape(option) + r"(?![a-z-])", text)]
    wrong += [f"no such command: {tag}" for tag in told
              if not any(tag == command or tag.startswith(command + " ") for command in there)]
    if len(there) < 30:
        wrong.append(f"`--help` shows only {len(there)} commands")
    print("\n".join(wrong) if wrong else f"{len(there)} commands are told")
    return 1 if wrong else 0


sys.exit(main())
