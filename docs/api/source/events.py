"""Event streams (docs/events.md): settings and dead events on the internal address, keys and polls on the public one."""
from source.admin_operation import DONE, JSON, Section, internal, links_by_name, made, patched, sent, shown
from source.shapes import PUBLIC, SEGMENT, answer, body, changed, closed, flag, listed, moment, nullable, number, one_of, parameter, \
    refusal, schema, text

_TEXT = text(minLength=1)
_NAMES = listed(text(minLength=1, maxLength=1000), minItems=1, maxItems=100, uniqueItems=True)
_KINDS = listed(one_of("create", "put", "patch", "delete", "activate", "deactivate", "feed:add", "feed:remove"), minItems=1, uniqueItems=True)
_TOLD = {
    "name": text(minLength=1, maxLength=255, pattern=r"^[^/\x00-\x1f\x7f]+$"),
    "kind": one_of("push", "poll", "webhook"), "state": one_of("enabled", "paused"), "description": text(), "domains": _NAMES,
    "events": _KINDS, "mode": one_of("notice", "full"), "audience": _NAMES, "url": text(maxLength=2000),
    "caFile": text(pattern="^$|^/"), "allowHttp": flag(), "attempts": number(minimum=1, maximum=1000), "pollers": _NAMES,
}
_SECRETS = {
    "authorization": nullable(text("Of the header field `Authorization`. Never shown; left out, it stays, and null removes it.", minLength=1,
                                   maxLength=4000, pattern="^[ -~]+$")),
    "secret": nullable(text("Of a webhook. Never shown; left out, it stays.", minLength=16, maxLength=200)),
}
# What was shown can be sent as it is.
_PASSED_OVER = {"hasAuthorization": {"description": "Passed over."}, "hasSecret": {"description": "Passed over."}}
# Paused: tests send it, and what it names is nobody's.
_EXAMPLE = {"name": "crm", "kind": "push", "state": "paused", "url": "https://crm.example.com/events",
            "audience": ["https://crm.example.com"], "domains": ["CORP"], "events": ["create", "deactivate", "delete"],
            "authorization": "Bearer 2c3a8f"}

SCHEMAS = {
    "EventStream": closed(["name", "kind", "state", "description", "events", "mode", "hasAuthorization", "hasSecret"], **_TOLD,
                          hasAuthorization=flag(), hasSecret=flag()),
    "EventStreams": closed(["eventStreams"], eventStreams=listed(schema("EventStream"))),
    "EventStreamSent": closed(["name", "kind"], **_TOLD, **_SECRETS, **_PASSED_OVER),
    "EventStreamChange": closed([], **{**changed(_TOLD), "name": _TOLD["name"], "kind": _TOLD["kind"]}, **_SECRETS, **_PASSED_OVER),
    "EventStreamStatus": closed(
        ["name", "waiting", "dead", "dropped", "failures"], name=text(), waiting=number(minimum=0), dead=number(minimum=0),
        dropped=number("Removed because they were too old.", minimum=0), failures=number("In a row.", minimum=0), lastSuccess=moment(),
        lastFailure=moment(), lastError=text(), nextAttempt=moment()),
    "DeadEvents": closed(["events"], events=listed(closed(
        ["id", "txn", "occurred", "resource", "attempts", "code", "reason", "correlationId"], id=text("`jti` of its token."),
        txn=text(), occurred=moment(), resource=text(), attempts=number(minimum=0), code=text(), reason=text(), correlationId=text())),
        next=text("`after` of the next page.")),
    "Redelivered": closed(["redelivered"], redelivered=number(minimum=0)),
    "EventKeys": closed(["keys"], keys=listed(closed(
        ["kty", "crv", "x", "y", "kid", "use", "alg"], kty={"const": "EC"}, crv={"const": "P-256"}, x=text(), y=text(), kid=text(),
        use={"const": "sig"}, alg={"const": "ES256"}), "The one that signs comes first.", minItems=1)),
    # Members that are not known are passed over.
    "Poll": {"type": "object", "properties": {
        "maxEvents": number("At most 100; 0 only acknowledges.", minimum=0),
        "returnImmediately": flag("Otherwise the answer waits up to 30 seconds for an event."),
        "ack": listed(text(), "`jti` of what the receiver has.", maxItems=1000),
        "setErrs": {"type": "object", "maxProperties": 1000, "description": "By `jti`, what is wrong with it.", "additionalProperties": {
            "type": "object", "required": ["err"], "properties": {"err": text(), "description": {"description": "A text for people."}}}},
    }},
    "Polled": closed(["sets"], sets={"type": "object", "additionalProperties": _TEXT, "description": "Signed tokens by their `jti`."},
                     moreAvailable=flag()),
}


def _streams() -> dict:
    section, one = Section("Event streams"), "EventStream"
    name = {"name": "name", "in": "path", "required": True, "description": "The name of an event stream.", "schema": SEGMENT,
            "example": "crm"}
    dead = {"name": "id", "in": "path", "required": True, "description": "Of a dead event.", "schema": text(pattern="^[0-9a-f]{32}$")}
    after = {"name": "after", "in": "query", "description": "`next` of the page before.", "schema": text(pattern="^[0-9]+$")}
    at_once = {"name": "now", "in": "query", "description": "`true`: it signs at once, and all others go.", "schema": one_of("true", "false")}
    links = links_by_name("getEventStream", "patchEventStream", "deleteEventStream", "getEventStreamStatus", "listDeadEvents")
    again = shown("Redelivered", "How many.", versioned=False)
    return internal({
        "/admin/v1/event-streams": {"get": section("listEventStreams", "All of them", shown("EventStreams", versioned=False))},
        "/admin/v1/event-streams/{name}": {
            "parameters": [name],
            "get": section("getEventStream", "Show one, without its secrets", shown(one), (), None, (404,)),
            "put": section("replaceEventStream", "Make it, or replace all of it", {**shown(one), **made(one, links)}, ["ifMatch"],
                           sent("EventStreamSent", _EXAMPLE), (409, 412)),
            "patch": section("patchEventStream", "Change its settings", shown(one), ["ifMatch"],
                             patched("EventStreamChange", {"description": "our customers", "mode": "full"}), (404, 409, 412)),
            "delete": section("deleteEventStream", "Delete it, with what waits for it", {"204": DONE}, ["ifMatch"], None, (404, 412))},
        "/admin/v1/event-streams/{name}/status": {
            "parameters": [name],
            "get": section("getEventStreamStatus", "How it gets on", shown("EventStreamStatus", versioned=False), (), None, (404,))},
        "/admin/v1/event-streams/{name}/dead": {
            "parameters": [name],
            "get": section("listDeadEvents", "What its receiver has not taken", shown("DeadEvents", versioned=False),
                           ["pageSize", after], None, (404,))},
        "/admin/v1/event-streams/{name}/redeliver": {
            "parameters": [name],
            "post": section("redeliverEvents", "Send all dead events again", again, (), None, (404,))},
        "/admin/v1/event-streams/{name}/dead/{id}": {
            "parameters": [name, dead],
            "delete": section("dropDeadEvent", "Forget a dead event", {"204": DONE}, (), None, (404,))},
        "/admin/v1/event-streams/{name}/dead/{id}/redeliver": {
            "parameters": [name, dead],
            "post": section("redeliverEvent", "Send a dead event again", again, (), None, (404,))},
        "/admin/v1/event-keys/rotate": {
            "post": section("rotateEventKey", "Make a new key, which signs six minutes later", {"204": DONE}, [at_once], None, (400,))},
    })


def _receivers() -> dict:
    def operation(operation_id: str, summary: str, description: str, responses: dict, **more) -> dict:
        return {"operationId": operation_id, "tags": ["Events"], "summary": summary, "description": description, **more,
                "responses": dict(sorted(responses.items()))}

    def kept(value: str) -> dict:
        return {"Cache-Control": {"required": True, "schema": {"const": value}}}

    def refused(*statuses: int) -> dict:
        """What the server refuses before it knows the endpoint is told as SCIM tells it, as everywhere on this address."""
        made = {str(status): refusal(status, "application/problem+json", "Problem") for status in statuses}
        for each in made.values():
            each["content"]["application/scim+json"] = {"schema": schema("ScimError")}
        return made

    # tests/api/run.py makes it, and its events.
    name = {"name": "name", "in": "path", "required": True, "description": "The name of an event stream of kind `poll`.",
            "schema": SEGMENT, "example": "polled"}
    return {
        "/events/v1/keys": {"servers": PUBLIC, "get": operation(
            "getEventKeys", "The public keys of event tokens (RFC 7517)", "Needs no token.",
            {"200": answer("A JWK Set.", "application/jwk-set+json", schema("EventKeys"), kept("max-age=300")),
             **refused(400, 500, 503)}, security=[])},
        "/events/v1/streams/{name}/poll": {"servers": PUBLIC, "parameters": [name], "post": operation(
            "pollEvents", "Acknowledge events, and fetch those that wait (RFC 8936)",
            "Scope `events:read`. The stream names the token among its `pollers`.",
            {"200": answer("Those that wait, oldest first.", JSON, schema("Polled"), kept("no-store")),
             **refused(400, 401, 403, 404, 413, 415, 429, 500, 503)}, parameters=[parameter("correlationId")],
            requestBody=body(schema("Poll"), JSON, example={
                "maxEvents": 10, "returnImmediately": True, "ack": ["6164f3bb0c5d4e9f8a7b6c5d4e3f2a1b"]}))},
    }


def paths() -> dict:
    return {**_streams(), **_receivers()}
