"""What gateways ask, on the internal address."""
from source.jit_schemas import statuses
from source.shapes import INTERNAL, answer, body, number, parameter, ref, refusals, schema, text

_JSON = "application/json"
_EXAMPLE = {"identityProvider": "okta-corp", "subject": "00u1anniewinslow", "claims": {
    "preferred_username": "annie.winslow", "given_name": "Annie", "family_name": "Winslow", "email": "annie@acme.example",
    "groups": ["okta-admins"]}}
# What any request of a gateway may come to, whatever it asks.
_COMMON = (400, 401, 403, 429, 500, 503)


def _correlated(**headers: dict) -> dict:
    return {"X-Correlation-Id": ref("headers", "CorrelationId"), **headers}


def _operation(operation_id: str, summary: str, description: str, responses: dict, parameters: list[dict] = (),
               request: dict | None = None) -> dict:
    return {"operationId": operation_id, "tags": ["Provisioning"], "summary": summary, "description": description,
            "parameters": [parameter("correlationId"), *parameters], **({"requestBody": request} if request else {}),
            "responses": dict(sorted(responses.items()))}


def _forward_auth() -> dict:
    texts = {"schema": text()}
    headers = {"X-Vestibule-Outcome": {"description": "created, linked, updated, unchanged, skipped or failed", **texts},
               "X-Vestibule-User-Id": texts, "X-Vestibule-User-Name": texts, "X-Vestibule-Domain": texts,
               "X-Vestibule-Groups": texts, "X-Vestibule-Code": texts}
    provider = {"name": "identityProvider", "in": "query", "description": "Or the header X-Vestibule-Identity-Provider.",
                "schema": text(), "example": "okta-corp"}
    return _operation(
        "forwardAuth", "Who is signed in, as a proxy in front of an application asks",
        "Scope `jit`. The headers that say who is signed in are those of `forwardAuth` in the settings of the identity provider: "
        "docs/jit.md#identity-aware-proxies. What is wrong with the request or the token is 403: 401 says that nobody is signed in.",
        {"200": {"description": "The user is there, nobody is provisioned (`skipped`), or the login failed and is allowed.",
                 "headers": headers},
         **refusals("Jit", *_COMMON)}, [provider])


def paths(codes: list[tuple[str, int, str]]) -> dict:
    def refused(endpoint: str) -> dict:
        return refusals("Jit", *(status for status in statuses(codes, endpoint) if status != 410))  # prompts end, logins do not

    request = body(schema("ProvisionRequest"), _JSON, example=_EXAMPLE)
    key = {"name": "Idempotency-Key", "in": "header", "schema": text(pattern="^[!-~]{1,255}$"),
           "description": "A repetition with the same key and body gets the answer of the first."}
    wait = {"name": "wait", "in": "query", "schema": number(minimum=0, maximum=60),
            "description": "Seconds to wait for the end."}
    by_id = {"name": "id", "in": "path", "required": True, "schema": text(pattern="^[0-9a-f]{32}$"), "description": "Of the answer before."}
    by_correlation = {"name": "correlationId", "in": "path", "required": True, "schema": text(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"),
                      "description": "X-Correlation-Id of the request that was decided."}
    decided = answer("It is decided.", _JSON, schema("ProvisionResult"), _correlated())
    created = answer("The user is created.", _JSON, schema("ProvisionResult"), _correlated(Location=ref("headers", "Location")))
    queued = answer("It is stored, and will be decided in its turn.", _JSON, schema("QueuedResult"),
                    _correlated(Location=ref("headers", "Location")))
    operations = {
        "/jit/v1/provision": {"post": _operation(
            "provision", "A user has signed in: who is that here?", "Scope `jit`. docs/jit.md",
            {"200": decided, "201": created, "202": queued, **refused("/jit/v1/provision")}, [key], request)},
        "/jit/v1/explain": {"post": _operation(
            "explain", "What would become of a login, and why; nothing is written",
            "Scope `jit`. A refusal is an answer, with `problem`.",
            {"200": answer("What would be decided.", _JSON, schema("Explanation"), _correlated()), **refused("/jit/v1/explain")},
            (), request)},
        "/jit/v1/forward-auth": {"get": _forward_auth()},
        "/jit/v1/operations/{id}": {"get": _operation(
            "getOperation", "What has become of a queued login", "Scope `jit`.",
            {"200": answer("Its state.", _JSON, schema("OperationState"), _correlated()), **refusals("Jit", 400, 404, *_COMMON)},
            [by_id, wait])},
        "/jit/v1/prompts/{id}": {"get": _operation(
            "getPromptState", "What has become of a prompt", "Scope `jit`.",
            {"200": answer("Its state.", _JSON, schema("PromptState"), _correlated()), **refusals("Jit", 404, *_COMMON)}, [by_id])},
        "/jit/v1/decisions/{correlationId}": {"get": _operation(
            "getDecisions", "What was decided, and by which steps", "Scope `jit` or `admin`.",
            {"200": answer("At most 100, newest first.", _JSON, schema("Decisions"), _correlated()),
             **refusals("Jit", 404, *_COMMON)}, [by_correlation])},
    }
    return {path: {"servers": INTERNAL, **item} for path, item in operations.items()}
