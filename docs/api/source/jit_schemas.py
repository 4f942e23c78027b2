"""The codes of docs/jit-codes.md, and the shapes of what gateways ask and get."""
import pathlib
import re

from source.shapes import closed, listed, meaning, moment, number, one_of, refusal, schema, text

_ROW = re.compile(r"^\| (JIT-1\d{3}) \| (\d{3}) \| [^|]+ \| (.+) \|$")
_ONLY = re.compile(r"only `(/[^`]+)` answers this")


def codes(file: pathlib.Path) -> list[tuple[str, int, str]]:
    """Each code with its status, and the endpoint that alone answers it, or nothing."""
    found = []
    for line in file.read_text().splitlines():
        if row := _ROW.match(line):
            only = _ONLY.search(row[3])
            found.append((row[1], int(row[2]), only[1] if only else ""))
    return found


def statuses(of: list[tuple[str, int, str]], endpoint: str) -> list[int]:
    """The statuses of the codes that an endpoint may answer."""
    return sorted({status for _, status, only in of if not only or endpoint.startswith(only.rstrip("/"))})


def responses(of: list[tuple[str, int, str]]) -> dict:
    return {f"Jit{status}": {**refusal(status, "application/problem+json", "JitProblem"), "description": meaning(status)}
            for status in sorted({status for _, status, _ in of} | {500})}


def schemas(of: list[tuple[str, int, str]]) -> dict:
    groups = closed(["granted", "revoked", "ignored", "created"],
                    **{name: listed(text()) for name in ("granted", "revoked", "ignored", "created")})
    # Before somebody is provisioned a user has no id yet.
    user = {"anyOf": [schema("User"), {"type": "object", "not": {"required": ["id"]}}]}
    result = {"outcome": one_of("created", "linked", "updated", "unchanged", "prompt", "skipped", "refused"), "domain": text(),
              "user": user, "identityProvider": text(), "subject": text(), "groups": schema("GroupChanges")}
    trace = listed(schema("TraceStep"))
    subject = text("What the identity provider calls the user: 1 to 255 characters.", minLength=1, maxLength=255,
                   pattern=r"^[^\x00]+$")
    return {
        "ProvisionRequest": {"oneOf": [
            closed(["identityProvider", "subject", "claims"], identityProvider=text(), subject=subject,
                   claims={"type": "object", "description": "What the identity provider said."},
                   returnUrl=text("Where a prompt leads back to: of an origin of `jit.prompt.returnOrigins`.")),
            closed(["identityProvider", "idToken"], identityProvider=text(), subject=text("`sub` of the token.", minLength=1),
                   idToken=text("A signed ID token (JWS).", minLength=1), returnUrl=text()),
        ]},
        "GroupChanges": groups,
        "TraceStep": closed(["step", "rule", "input", "outcome"], step=text(), rule=text(), input=text(), outcome=text()),
        "JitProblem": closed(
            ["type", "title", "status", "detail"], type=text(), title=text(), status=number(), detail=text(),
            code=text("docs/jit-codes.md", enum=[code for code, _, _ in of]), attribute=text(),
            onFailure=one_of("refuse", "allow", description="What the gateway should do."), correlationId=text(),
            problems=listed(schema("FieldProblem"))),
        "ProvisionResult": closed(["outcome", "identityProvider", "subject", "correlationId"], **result,
                                  prompt=closed(["url", "expires", "state"], url=text(), expires=moment(), state=text()),
                                  outbound={"type": "object", "additionalProperties": one_of("done", "waiting", "failed"), "description":
                                            "How the change stands with each outbound target that blocks: docs/outbound.md"},
                                  correlationId=text()),
        "QueuedResult": closed(["outcome", "operation", "identityProvider", "subject", "correlationId"], outcome={"const": "queued"},
                               operation=text(), identityProvider=text(), subject=text(), correlationId=text()),
        "Explanation": closed(["outcome", "identityProvider", "trace", "correlationId"], **result,
                              prompt=schema("PromptForm"), problem=schema("JitProblem"), trace=trace, correlationId=text()),
        "OperationState": closed(
            ["operation", "state", "attempts", "created", "correlationId", "identityProvider", "subject"], operation=text(),
            state=one_of("queued", "running", "done", "dead"), attempts=number(), created=moment(), finished=moment(),
            nextAttempt=moment(), correlationId=text(), problem=schema("JitProblem"), **result),
        "PromptState": closed(
            ["prompt", "state", "created", "expires", "correlationId", "outcome", "identityProvider", "subject"], prompt=text(),
            state=one_of("open", "answered", "declined", "expired"), created=moment(), expires=moment(), finished=moment(),
            correlationId=text(), problem=schema("JitProblem"), **result),
        "Decisions": closed(["decisions"], decisions=listed(schema("AuditEvent"))),
    }
