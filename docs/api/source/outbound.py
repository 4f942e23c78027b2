"""Outbound targets (docs/outbound.md): settings as they are sent and shown, and how users and groups stand with them."""
from source.admin_operation import DONE, JSON, Section, internal, made, patched, sent, shown
from source.shapes import SEGMENT, UUID, answer, changed, closed, flag, listed, moment, nullable, number, one_of, parameter, schema, text

_TEXT = text(minLength=1)
_SECONDS = nullable(number(minimum=1, maximum=60))
_SECRET = text("Never shown; left out, the stored one stays.", minLength=1, maxLength=4096, pattern="^[ -~]+$")
_USER_NAME = text(minLength=1, pattern="^[^:]+$")
_CLIENT = {"tokenUrl": text(minLength=1, maxLength=2000), "clientId": text(minLength=1, pattern="^[ -~]+$"),
           "scope": text(pattern="^[ -~]*$")}
_TYPE = one_of("bearer", "basic", "clientCredentials", "none")
_BLOCKING = {"enabled": flag(), "seconds": _SECONDS, "onFailure": one_of("report", "error")}
_COMMON = {
    "name": text(minLength=1, maxLength=255, pattern=r"^[^/\x00-\x1f\x7f]+$"), "enabled": flag(), "description": text(),
    "baseUrl": text(minLength=1, maxLength=2000), "allowHttp": flag(), "caFile": text(pattern="^$|^/"),
    "domains": listed(_TEXT), "filter": text(), "memberOf": listed(_TEXT), "groups": listed(_TEXT),
    "mappings": listed({"oneOf": [
        closed(["target", "source"], target=_TEXT, source=_TEXT),
        closed(["target", "constant"], target=_TEXT, constant={"description": "Any value that the attribute takes."})]}, maxItems=200),
    "match": one_of("userName", "externalId"), "update": one_of("put", "patch"), "onRemoval": one_of("delete", "deactivate", "leave"),
    "timeoutSeconds": _SECONDS, "blocking": closed([], **_BLOCKING),
}
_AUTHENTICATION = {"oneOf": [
    closed([], type={"const": "bearer"}, token=_SECRET),
    closed(["type", "userName"], type={"const": "basic"}, userName=_USER_NAME, password=_SECRET),
    closed(["type", "tokenUrl", "clientId"], type={"const": "clientCredentials"}, clientSecret=_SECRET, **_CLIENT),
    closed(["type"], type={"const": "none"}),
]}
_AUTHENTICATION_CHANGE = closed([], **{name: nullable(shape) for name, shape in {
    "type": _TYPE, "token": _SECRET, "userName": _USER_NAME, "password": _SECRET, "clientSecret": _SECRET, **_CLIENT}.items()})
_AUTHENTICATION_SHOWN = closed(["type"], type=_TYPE, userName=text(), tokenUrl=text(), clientId=text(), scope=text())
_FAULT = {"attempts": number(minimum=0), "since": moment(), "httpStatus": number(), "detail": text()}
# Not enabled: tests send it, and what it names is nobody's.
_EXAMPLE = {"name": "hr", "enabled": False, "baseUrl": "https://hr.example.com/scim/v2",
            "authentication": {"type": "bearer", "token": "2c3a8f"}, "domains": ["CORP"],
            "filter": 'active eq true and userType eq "Employee"', "groups": ["staff", "engineers"],
            "mappings": [{"target": "displayName", "source": "displayName"}, {"target": "userType", "constant": "Contractor"}],
            "onRemoval": "deactivate", "blocking": {"enabled": True, "seconds": 5, "onFailure": "report"}}

SCHEMAS = {
    "OutboundTarget": closed([name for name in _COMMON if name not in ("domains", "mappings")] + ["authentication"], **{
        **_COMMON, "timeoutSeconds": number(), "blocking": closed(list(_BLOCKING), **{**_BLOCKING, "seconds": number()})},
        authentication=_AUTHENTICATION_SHOWN),
    "OutboundTargets": closed(["targets"], targets=listed(schema("OutboundTarget"))),
    "OutboundTargetSent": closed(["name", "baseUrl", "authentication"], **_COMMON, authentication=_AUTHENTICATION),
    "OutboundTargetChange": closed([], **{**changed(_COMMON), "name": _COMMON["name"], "baseUrl": _COMMON["baseUrl"]},
                                   authentication=_AUTHENTICATION_CHANGE),
    "OutboundStatus": closed(
        ["target", "enabled", "users", "groups", "left", "waiting", "oldestSeconds", "failed"], target=text(), enabled=flag(),
        users=number("That the target has.", minimum=0), groups=number("That the target has.", minimum=0),
        left=number("Accounts there of who has left.", minimum=0), waiting=number(minimum=0),
        oldestSeconds=number("How long the oldest has waited.", minimum=0), failed=number(minimum=0)),
    "OutboundFailures": closed(["failed"], failed=listed(closed(
        ["resource", "type", "attempts", "since"], resource=text(), type=one_of("User", "Group"), **_FAULT)),
        next=text("`after` of the next page.")),
    "OutboundResource": closed(
        ["target", "resource", "state"], target=text(), resource=text(),
        state=one_of("synchronised", "waiting", "running", "failed", "left", "absent"), remoteId=text("The id there."), lastSent=moment(),
        dueInSeconds=number(minimum=0), **_FAULT),
    "OutboundExplanation": closed(
        ["target", "resource", "inScope", "step"], target=text(), resource=text(), inScope=flag(),
        step=one_of("none", "nothing", "create", "update", "remove", description="`none`: the mapping fails."),
        reason=text("Why not."), remoteId=text(), user={"type": "object", "description": "What would be sent."},
        onRemoval=one_of("delete", "deactivate", "leave"), groups=listed(text(), "In which of the target's groups the user is.")),
    "OutboundRetried": closed(["retried"], retried=number(minimum=0)),
}


def paths() -> dict:
    section, one = Section("Outbound provisioning"), "OutboundTarget"
    target = {"name": "target", "in": "path", "required": True, "description": "The name of an outbound target.", "schema": SEGMENT,
              "example": "hr"}
    after = {"name": "after", "in": "query", "description": "`next` of the page before.", "schema": dict(UUID)}
    links = {f"{operation_id}ThatWasMade": {"operationId": operation_id, "parameters": {"path.target": "$response.body#/name"}}
             for operation_id in ("getOutboundTarget", "patchOutboundTarget", "deleteOutboundTarget", "getOutboundStatus",
                                  "listOutboundFailures", "syncOutboundTarget")}
    again = {"202": answer("How many are tried again.", JSON, schema("OutboundRetried"))}
    parameters = {"parameters": [target, parameter("id")]}

    def resource(kind: str) -> dict:
        state = shown("OutboundResource", versioned=False)
        return {
            f"/admin/v1/outbound/{{target}}/{kind.lower()}s/{{id}}": {
                **parameters, "get": section(f"getOutbound{kind}", f"How a {kind.lower()} stands with it", state, (), None, (404,))},
            f"/admin/v1/outbound/{{target}}/{kind.lower()}s/{{id}}/retry": {
                **parameters, "post": section(f"retryOutbound{kind}", f"Try a {kind.lower()} again now", again, (), None, (404,))},
        }

    return internal({
        "/admin/v1/outbound": {"get": section("listOutboundTargets", "All of them", shown("OutboundTargets", versioned=False))},
        "/admin/v1/outbound/{target}": {
            "parameters": [target],
            "get": section("getOutboundTarget", "Show one, without its secret", shown(one), (), None, (404,)),
            "put": section("replaceOutboundTarget", "Make it, or replace all of it", {**shown(one), **made(one, links)}, ["ifMatch"],
                           sent("OutboundTargetSent", _EXAMPLE), (409, 412)),
            "patch": section("patchOutboundTarget", "Change its settings", shown(one), ["ifMatch"],
                             patched("OutboundTargetChange", {"description": "human resources", "timeoutSeconds": 20}), (404, 409, 412)),
            "delete": section("deleteOutboundTarget", "Delete it; what the other system has stays there", {"204": DONE}, ["ifMatch"], None,
                              (404, 412))},
        "/admin/v1/outbound/{target}/status": {
            "parameters": [target],
            "get": section("getOutboundStatus", "How many it has, wait, or have failed", shown("OutboundStatus", versioned=False), (),
                           None, (404,))},
        "/admin/v1/outbound/{target}/failed": {
            "parameters": [target],
            "get": section("listOutboundFailures", "What it does not take, with its answers", shown("OutboundFailures", versioned=False),
                           ["pageSize", after], None, (404,))},
        "/admin/v1/outbound/{target}/retry": {
            "parameters": [target],
            "post": section("retryOutboundTarget", "Try again what has failed", again, (), None, (404,))},
        "/admin/v1/outbound/{target}/sync": {
            "parameters": [target],
            "post": section("syncOutboundTarget", "Look at everything again", {"204": DONE}, (), None, (404,))},
        **resource("User"),
        **resource("Group"),
        "/admin/v1/outbound/{target}/users/{id}/explain": {
            **parameters,
            "get": section("explainOutboundUser", "What would be sent of a user, and why or why not",
                           shown("OutboundExplanation", versioned=False), (), None, (404,))},
    })
