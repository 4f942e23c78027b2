#!/usr/bin/env python3
"""Holds docs/architecture.md to the source: every `file` and `file:function` below src/ that it names exists, and every table of its
pictures is one of sql/."""
import pathlib
import re
import sys

NAMED = re.compile(r"\b((?:base|json|jose|scim|policy|store|directory|jit|outbound|feed|http|app)/[a-z0-9_/]+\.(?:cc|h))(?::([A-Za-z]+))?")
TABLE = re.compile(r"\b(?:users|user_[a-z]+|group_[a-z]+|memberships|federated_identities|idp_grants|operations|prompts|audit_[a-z]+|"
                   r"consent_[a-z]+|outbound_[a-z]+|event_[a-z_]+|guard_rails|control_state|domains|nesting_turn)\b")


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    page = (root / "docs/architecture.md").read_text()
    wrong = []
    named = NAMED.findall(page)
    for file, function in sorted(set(named)):
        path = root / "src" / file
        if not path.exists():
            wrong.append(f"there is no src/{file}")
        elif function and not re.search(rf"\b{function}\b\s*\(", path.read_text()):
            wrong.append(f"src/{file} has no {function}")
    tables = set()
    for path in (root / "sql").rglob("*.sql"):
        tables.update(re.findall(r"CREATE TABLE IF NOT EXISTS \{\w+\}\.(\w+)", path.read_text()))
    pictures = "\n".join(line for line in page.splitlines() if line.startswith("    "))
    without_files = NAMED.sub("", re.sub(r"/[A-Za-z/{}._-]+", "", pictures))
    wrong += [f"there is no table {name}" for name in sorted(set(TABLE.findall(without_files)) - tables)]
    if len(named) < 60 or len(tables) < 30:
        wrong.append(f"only {len(named)} names and {len(tables)} tables were found")
    print("\n".join(wrong) if wrong else f"{len(named)} names exist")
    return 1 if wrong else 0


sys.exit(main())
