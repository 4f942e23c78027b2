"""What the parts of the document share: addresses, tags, parameters, headers, refusals, and how an operation is put together."""

PUBLIC = [{"url": "http://127.0.0.1:8080", "description": "the public address: server.public_port, or server.public_url"}]
INTERNAL = [{"url": "http://127.0.0.1:8081", "description": "the internal address: server.internal_port"}]

TAGS = [
    ("Users", "SCIM users (RFC 7644), over all domains at /scim/v2 and of one below /domains/{domain}"),
    ("Groups", "SCIM groups"),
    ("Devices", "a resource type of one's own: scim-schemas/README.md"),
    ("Search and bulk", "POST /.search over all types, GET of the base, POST /Bulk"),
    ("Me", "the user that the token is bound to"),
    ("Discovery", "what the server can do"),
    ("Prompts", "what a person is asked: docs/prompts.md"),
    ("Provisioning", "what gateways ask: docs/jit.md"),
    ("Domains", "user store domains: docs/admin.md"),
    ("Identity providers", "settings of identity providers: docs/jit.md"),
    ("Federated identities", "who a user is at which identity provider"),
    ("Operations", "queued provisions, as operators see them"),
    ("Consent", "purposes, receipts and withdrawal: docs/consent.md"),
    ("Tokens", "API tokens: docs/admin.md"),
    ("Token issuers", "whose access tokens are accepted: docs/access-tokens.md"),
    ("Outbound provisioning", "other systems that users and groups are sent to: docs/outbound.md"),
    ("Event streams", "who is told of changes: docs/events.md"),
    ("Events", "what receivers of events ask, on the public address"),
    ("Audit", "what was decided and changed"),
    ("Watching", "health and metrics"),
]


def ref(kind: str, name: str) -> dict:
    return {"$ref": f"#/components/{kind}/{name}"}


def schema(name: str) -> dict:
    return ref("schemas", name)


def parameter(name: str) -> dict:
    return ref("parameters", name)


def text(description: str = "", **more) -> dict:
    return {"type": "string", **({"description": description} if description else {}), **more}


def one_of(*values: str, description: str = "") -> dict:
    return text(description, enum=list(values))


def moment(description: str = "") -> dict:
    return text(description, format="date-time")


def number(description: str = "", **more) -> dict:
    return {"type": "integer", **({"description": description} if description else {}), **more}


def flag(description: str = "") -> dict:
    return {"type": "boolean", **({"description": description} if description else {})}


def listed(items: dict, description: str = "", **more) -> dict:
    return {"type": "array", "items": items, **({"description": description} if description else {}), **more}


def nullable(shape: dict) -> dict:
    """The same or null."""
    if "type" not in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    if "null" in kinds:
        return shape
    made = {**shape, "type": [*kinds, "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made


def closed(required: list[str], /, **properties: dict) -> dict:
    """An object with these members and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False,
            **({"required": required} if required else {})}


def changed(members: dict) -> dict:
    """The same as a merge patch: null puts a member back to its default, all through the sections."""
    return {name: nullable({**shape, "properties": changed(shape["properties"]), "required": []}) if shape.get("type") == "object"
            else nullable(shape) for name, shape in members.items()}


def _parameter(name: str, place: str, description: str, shape: dict, required: bool = False, **more) -> dict:
    return {"name": name, "in": place, "description": description, "schema": shape,
            **({"required": True} if required else {}), **more}


UUID = {"type": "string", "format": "uuid"}
# One segment of a path: what dot segments would become is another path.
SEGMENT = text(minLength=1, maxLength=255, pattern=r"^[^/?#%.\x00-\x1f\x7f][^/?#%\x00-\x1f\x7f]*$")
_ENTITY_TAG = text(pattern=r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$')
# An empty value is none.
_NUMBER_OR_NONE = {"anyOf": [number(minimum=-9223372036854775808, maximum=9223372036854775807), text(maxLength=0)]}

PARAMETERS = {
    "domain": _parameter("domain", "path", "The name of a user store domain.", SEGMENT, True, example="CORP"),
    "id": _parameter("id", "path", "The id of the resource.", UUID, True),
    "name": _parameter("name", "path", "The name of what is asked for.", SEGMENT, True),
    "onlyDomain": _parameter("domain", "query", "Only this user store domain, by its name.", text(), example="PRIMARY"),
    "attributes": _parameter("attributes", "query", "The attributes to show, with commas between them (RFC 7644 §3.9).",
                             text(), example="userName,emails.value"),
    "excludedAttributes": _parameter("excludedAttributes", "query", "The attributes to leave out.", text(), example="groups"),
    "filter": _parameter("filter", "query", "A filter (RFC 7644 §3.4.2.2).", text(minLength=1), example='userName sw "a"'),
    "sortBy": _parameter("sortBy", "query", "The attribute to sort by.", text()),
    "sortOrder": _parameter("sortOrder", "query", "ascending, when it is left out.", one_of("ascending", "descending")),
    "startIndex": _parameter("startIndex", "query", "The first of the list, counted from 1; below 1 is 1.", _NUMBER_OR_NONE, example=1),
    "count": _parameter("count", "query", "The most to show; below 0 is 0.", _NUMBER_OR_NONE, example=10),
    "cursor": _parameter("cursor", "query", "Empty for the first page, then `nextCursor` of the page before (RFC 9865).", text()),
    "ifMatch": _parameter("If-Match", "header", "Only when the version is one of these.", _ENTITY_TAG),
    "ifNoneMatch": _parameter("If-None-Match", "header", "Only when the version is none of these.", _ENTITY_TAG),
    "correlationId": _parameter("X-Correlation-Id", "header", "Letters, digits, `-_.`, at most 64: found again in the log and the audit. "
                                "Another one is made for what is not like that.", text()),
    "advice": _parameter("advice", "query", "`true` puts advice beside the document.", one_of("true", "false")),
    "pageSize": _parameter("count", "query", "The most to show.", number(minimum=1, maximum=1000)),
    "after": _parameter("after", "query", "`after` of the page before.", text()),
}

HEADERS = {
    "ETag": {"description": "The version.", "required": True, "schema": text()},
    "Location": {"description": "The address of the resource.", "required": True, "schema": text()},
    "ContentLocation": {"description": "The address of the resource.", "required": True, "schema": text()},
    "CorrelationId": {"description": "By which the log and the audit have it.", "required": True, "schema": text()},
    "RetryAfter": {"description": "Seconds until another try makes sense.", "schema": text(pattern="^[0-9]+$")},
    "Outbound": {"description": "How the change stands with each outbound target that blocks (done, waiting, failed), such as `hr=done, crm=waiting`; names are percent-encoded.", "schema": text()},
    "Challenge": {"description": "Which token is asked for (RFC 6750).", "schema": text()},
}

_MEANINGS = {
    400: "The request is not valid.",
    401: "There is no valid token.",
    403: "The token or a rule does not permit it.",
    404: "There is no such thing, or none that the token sees.",
    409: "What is there forbids it.",
    410: "It was there.",
    412: "If-Match or If-None-Match does not hold.",
    413: "The body is too large, or holds too much.",
    415: "The body is not JSON in UTF-8, or is encoded.",
    422: "The Idempotency-Key stands for another request.",
    428: "scim.require_if_match is set and there is no If-Match.",
    429: "Too many requests, or a guard-rail is reached.",
    500: "The server failed; the log says how.",
    501: "This server does not offer it.",
    502: "The change is stored, but an outbound target that blocks with `onFailure: error` has not got it.",
    503: "The database or the server is too busy, or away, or the domain is being moved.",
}


def meaning(status: int) -> str:
    return _MEANINGS[status]


def status_headers(status: int) -> dict:
    if status == 401:
        return {"headers": {"WWW-Authenticate": ref("headers", "Challenge")}}
    if status == 502:
        return {"headers": {"Vestibule-Outbound": ref("headers", "Outbound")}}
    if status in (429, 503):
        return {"headers": {"Retry-After": ref("headers", "RetryAfter")}}
    return {}


def refusal(status: int, media_type: str, name: str) -> dict:
    return {"description": meaning(status), **status_headers(status), "content": {media_type: {"schema": schema(name)}}}


RESPONSES = {
    **{f"Scim{status}": refusal(status, "application/scim+json", "ScimError") for status in _MEANINGS if status not in (410, 422)},
    **{f"Admin{status}": refusal(status, "application/problem+json", "Problem")
       for status in (400, 401, 403, 404, 409, 412, 413, 415, 429, 500, 503)},
}


def refusals(prefix: str, *statuses: int) -> dict:
    """The named responses of these statuses."""
    return {str(status): ref("responses", f"{prefix}{status}") for status in sorted(set(statuses))}


def answer(description: str, media_type: str, shape: dict, headers: dict | None = None, links: dict | None = None,
           example=None) -> dict:
    content = {"schema": shape, **({"example": example} if example is not None else {})}
    return {"description": description, **({"headers": headers} if headers else {}), "content": {media_type: content},
            **({"links": links} if links else {})}


def body(shape: dict, *media_types: str, example=None, description: str = "") -> dict:
    content = {"schema": shape, **({"example": example} if example is not None else {})}
    return {"required": True, **({"description": description} if description else {}),
            "content": {media_type: content for media_type in media_types}}
