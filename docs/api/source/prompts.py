"""What a person is asked, on the public address: JSON for programs, pages for browsers."""
from source.jit_schemas import statuses
from source.shapes import PUBLIC, answer, body, closed, flag, listed, meaning, moment, number, one_of, schema, text

_JSON = "application/json"
_REASONS = ["missing", "taken", "policy", "mismatch", "invalid", "mandatory", "outdated", "notAskedFor"]

_USER_NAME = {"oneOf": [closed(["proposed", "hint", "pattern"], proposed=text(), hint=text(), pattern=text(), suggestion=text()),
                        closed(["fixed"], fixed=text())]}
_FORM = {
    "domain": text(), "known": flag("Whether the user exists."), "userName": _USER_NAME,
    "password": closed(["hint", "pattern"], hint=text(), pattern=text()),
    "attributes": listed(closed(["attribute", "type", "description"], attribute=text(), type=text(), description=text(),
                                canonicalValues=listed(text()))),
    "claims": listed(closed(["attribute", "value"], attribute=text(), value={})),
    "purposes": listed(closed(
        ["purpose", "version", "texts", "attributes"], purpose=text(), version=number(),
        texts={"type": "object", "additionalProperties": closed(["title", "description"], title=text(), description=text())},
        attributes=listed(closed(["attribute", "mandatory"], attribute=text(), mandatory=flag())))),
}
_LANGUAGE = text(maxLength=35)

SCHEMAS = {
    "FieldProblem": closed(["field", "reason", "detail"], field=text(), reason=text(enum=_REASONS), detail=text()),
    "PromptForm": closed(["domain", "known", "attributes", "claims", "purposes"], **_FORM),
    "Prompt": closed(["state", "identityProvider", "expires"], state=one_of("open", "answered", "declined", "expired"),
                     identityProvider=text(), description=text(), expires=moment(), returnUrl=text(), **_FORM),
    "PromptAnswer": {"oneOf": [
        closed([], userName=text(), password=text(), passwordConfirmation=text(), language=_LANGUAGE,
               attributes={"type": "object", "additionalProperties": text(), "maxProperties": 200},
               consents=listed(closed(["purpose", "version"], purpose=text(minLength=1), version=number(minimum=1, maximum=4294967295),
                                      agreed=listed(text(), maxItems=200)), maxItems=200)),
        closed(["decline"], decline={"const": True}),
    ]},
    "PromptEnd": closed(["outcome"], outcome=text(), returnUrl=text()),
    "NameCheck": closed(["available"], available=flag(), reason=text(enum=_REASONS), detail=text(), suggestion=text()),
}

_TICKET = {"name": "ticket", "in": "path", "required": True, "description": "The last part of the URL of the prompt.",
           "schema": text(pattern="^[A-Za-z0-9_-]{43}$")}


def _page(description: str) -> dict:
    return {"schema": text(description)}


def _operation(operation_id: str, summary: str, responses: dict, request: dict | None = None, parameters: list[dict] = ()) -> dict:
    return {"operationId": operation_id, "tags": ["Prompts"], "summary": summary,
            "description": "Needs no token: the ticket is the person's secret.", "security": [],
            **({"parameters": parameters} if parameters else {}), **({"requestBody": request} if request else {}),
            "responses": dict(sorted(responses.items()))}


def _with_page(refused: dict, codes: list[int]) -> dict:
    """Refusals that a browser gets as a page."""
    shown = {str(status): {"description": f"{meaning(status)} As JSON, or as a page that says so.", "content": {
        "application/problem+json": {"schema": schema("JitProblem")}, "text/html": _page("the page")}} for status in codes}
    for status in shown.keys() & {"400", "413", "500", "503"}:
        shown[status]["content"].update(_NOT_HTTP["content"])
    return shown | refused


# On the public address what is refused before it is known what it is about is a SCIM error.
_NOT_HTTP = answer("The request is not valid HTTP.", "application/scim+json", schema("ScimError"))


def paths(codes: list[tuple[str, int, str]]) -> dict:
    may_be = [status for status in statuses(codes, "/provision/") if status not in (401, 422)]
    shown = answer("The prompt: JSON, or the page where `Accept` names text/html.", _JSON, schema("Prompt"))
    shown["content"]["text/html"] = _page("the page that asks")
    ended = answer("It is answered or declined, and what came of it.", _JSON, schema("PromptEnd"))
    ended["content"]["text/html"] = _page("the page at the end, or the one that asks again")
    sent = body(schema("PromptAnswer"), _JSON)
    sent["content"]["application/x-www-form-urlencoded"] = {
        "schema": {"type": "object", "required": ["csrf", "decision"], "additionalProperties": text(),
                   "properties": {"csrf": text("of the page"), "decision": one_of("answer", "decline")}}}
    refused = _with_page({}, may_be)
    preflight = {"204": {"description": "What a page of `jit.prompt.pageUrl` may send (CORS)."}, "400": _NOT_HTTP}
    accept = {"name": "lang", "in": "query", "description": "The language of the page.", "schema": text()}
    check = _operation("checkUserName", "Whether a user name may be had",
                       {"200": answer("Whether it may.", _JSON, schema("NameCheck")), **_with_page({}, may_be)},
                       body(closed(["userName"], userName=text()), _JSON, example={"userName": "grace"}))
    file = {"name": "file", "in": "path", "required": True, "schema": text(pattern=r"^[A-Za-z0-9_-]+\.[a-z0-9]+$"), "example": "style.css"}
    theme = {"name": "theme", "in": "path", "required": True, "schema": text(pattern="^[A-Za-z0-9_-]+$"), "example": "default"}
    version = {"name": "v", "in": "query", "description": "The version, with which the answer may be kept for a year.", "schema": text()}
    operations = {
        "/provision/{ticket}": {
            "parameters": [_TICKET],
            "get": _operation("getPrompt", "What is asked", {"200": shown, **refused}, None, [accept]),
            "post": _operation("answerPrompt", "The answer", {"200": ended, **refused}, sent, [accept]),
            "options": _operation("preflightPrompt", "The preflight of a browser", preflight)},
        "/provision/{ticket}/user-name": {
            "parameters": [_TICKET], "post": check,
            "options": _operation("preflightUserName", "The preflight of a browser", preflight)},
        "/provision/assets/{theme}/{file}": {
            "parameters": [theme, file],
            "get": {**_operation("getAsset", "A file of a theme", {
                "200": {"description": "The file.", "content": {"*/*": {}}},
                "400": _NOT_HTTP,
                "304": {"description": "If-None-Match names the version that is there."},
                "404": {"description": "There is no such file.", "content": {"application/problem+json": {"schema": schema("Problem")}}},
            }, None, [version]), "description": "Needs no token."}},
    }
    return {path: {"servers": PUBLIC, **item} for path, item in operations.items()}
