"""Keeps what schemathesis sends from ending its own run, since it finds names in answers and would use them, and from having the server
call anybody: an outbound target or an event stream with a URL that somebody made up."""

import schemathesis

# tests/api/run.py makes these, and works with them.
KEPT_TOKENS = {"sample-scim", "sample-jit", "sample-admin", "api-test"}
KEPT_STREAMS = {"polled"}
# By path, the member that lets the server call somebody, and how it reads when it does and does not.
SILENCED = {
    "/admin/v1/outbound/{target}": ("enabled", True, False),
    "/admin/v1/event-streams/{name}": ("state", "enabled", "paused"),
}


def keep_silent(method, path, body):
    """Settings that are sent make nothing that calls, which they do by default. What would be refused stays as it is: null in a PUT."""
    if path not in SILENCED or not isinstance(body, dict):
        return
    member, calling, silent = SILENCED[path]
    told = body.get(member, calling)
    # 1 is not True here.
    if (told == calling and type(told) is type(calling)) or (told is None and method == "PATCH"):
        body[member] = silent


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.operation.path
    if path.startswith("/admin/v1/tokens/") and case.path_parameters.get("name") in KEPT_TOKENS:
        case.path_parameters["name"] = "nobody"
    if path.startswith("/admin/v1/event-streams/") and case.method != "GET" and case.path_parameters.get("name") in KEPT_STREAMS:
        case.path_parameters["name"] = "nobody"
    keep_silent(case.method, path, case.body)
    # Else the answer may wait for an event, longer than this run does.
    if path.endswith("/poll") and isinstance(case.body, dict) and case.body.get("returnImmediately", False) is False:
        case.body["returnImmediately"] = True
