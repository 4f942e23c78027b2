#!/usr/bin/env python3
"""Follows the relative links of every Markdown page: the file exists, and so does the heading that an anchor names. docs/README.md, the
table of contents, has a link to every page of docs/ and docs/guide/."""
import pathlib
import re
import sys
import urllib.parse

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?:(?:    |\t).*\n+)+", re.MULTILINE)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LEFT_OUT = {"build", "node_modules", ".git", "data", ".cache"}


def anchors(page: str) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?)(?: +#+)?$", FENCE.sub("", page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower().replace("`", "")).replace(" ", "-")
        number = 0
        while (slug if number == 0 else f"{slug}-{number}") in found:
            number += 1
        found.add(slug if number == 0 else f"{slug}-{number}")
    return found


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = {path: path.read_text() for path in sorted(root.rglob("*.md"))
             if not LEFT_OUT & set(path.relative_to(root).parts)}
    wrong = []
    number = 0
    contents = root / "docs/README.md"
    missing = {path for path in pages if path.parent in (root / "docs", root / "docs/guide")} - {contents}
    for path, page in pages.items():
        text = CODE.sub("", INDENTED.sub("", FENCE.sub("", page)))
        for link in LINK.findall(text):
            if re.match(r"[a-z][a-z+.-]*:", link):
                continue
            number += 1
            name, _, anchor = link.partition("#")
            target = (path.parent / urllib.parse.unquote(name)).resolve() if name else path
            if path == contents:
                missing.discard(target)
            where = f"{path.relative_to(root)}: {link}"
            if not target.is_relative_to(root) or not target.exists():
                wrong.append(f"{where}: there is no such file")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                wrong.append(f"{where}: there is no such heading")
    wrong += [f"docs/README.md has no link to {path.relative_to(root)}" for path in sorted(missing)]
    if number < 100:
        wrong.append(f"only {number} links were found")
    print("\n".join(wrong) if wrong else f"{number} links of {len(pages)} pages lead somewhere")
    return 1 if wrong else 0


sys.exit(main())
