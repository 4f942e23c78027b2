"""The same as a page for people: each operation with what it is for, what it needs and what it answers."""
import re

_METHODS = ("get", "post", "put", "patch", "delete", "options")
_DOMAIN = "/domains/{domain}"
_HEAD = """# API reference

Every operation of [openapi.json](openapi.json), which has the bodies and headers as well. This page is written by `docs/api/build.py`: change the sources, not the page.

SCIM is on the public address (`http://127.0.0.1:8080` by default), and each of its paths is there once more below `/domains/{domain}`, for one user store domain. The pages of prompts and what
receivers of events ask are public too. All else is on the internal address (`http://127.0.0.1:8081`). Every GET answers HEAD as well; a method that a path does not take is 405 with `Allow`.

What nearly every operation may answer is not repeated below: 400 (not valid), 401 (no valid token), 403 (not permitted), 429 (too many), 500 and 503.
`admin*` is the scope `admin` of a token that is bound to no domain.
"""
_USUAL = {"400", "401", "403", "429", "500", "503"}


def _resolve(document: dict, shape: dict) -> dict:
    reference = shape.get("$ref")
    if reference is None:
        return shape
    kind, name = reference.removeprefix("#/components/").split("/")
    return document["components"][kind][name]


def _parameters(document: dict, operation: dict) -> str:
    """Those of the query; a needed one without brackets."""
    query = [_resolve(document, each) for each in operation.get("parameters", [])]
    shown = [each["name"] if each.get("required") else f"[{each['name']}]" for each in query if each["in"] == "query"]
    return " ".join(f"`{name}`" for name in shown)


def _row(document: dict, method: str, path: str, operation: dict) -> str:
    statuses = " ".join(status for status in operation["responses"] if status not in _USUAL)
    needs = operation["description"].split(". ")[0].rstrip(".").removeprefix("Scope ")
    needs = needs.replace("`admin`, of a token that is bound to no domain", "`admin*`")
    if needs.startswith("Needs no token"):
        needs = "no token"
    return (f"| `{method.upper()} {path}` | {operation['summary']} | {needs} | {_parameters(document, operation)} | {statuses} |")


def page(document: dict) -> str:
    text = _HEAD
    for tag in document["tags"]:
        rows = [_row(document, method, path, item[method]) for path, item in document["paths"].items() if not path.startswith(_DOMAIN)
                for method in _METHODS if method in item and tag["name"] in item[method]["tags"]]
        about = re.sub(r"docs/(\S+\.md)", r"[\1](../\1)", tag["description"]).replace("scim-schemas/README.md", "[scim-schemas](../../scim-schemas/README.md)")
        text += f"\n## {tag['name']}\n\n{about[0].upper()}{about[1:]}.\n\n"
        text += "| request | what | scope | query | answers |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    return text
