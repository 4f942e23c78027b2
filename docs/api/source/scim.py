"""The SCIM endpoints, at both bases."""
from source.shapes import PUBLIC, answer, body, parameter, ref, refusals, schema, text

_SCIM = "application/scim+json"
_JSON = "application/json"
_READ = (400, 401, 403, 404, 429, 500, 503)
_BULK = (*_READ, 409, 413, 415)
_WRITE = (*_BULK, 502)
_CONDITIONS = (412,)
_PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_OUTBOUND = {"Vestibule-Outbound": ref("headers", "Outbound")}

# What a client sends to make one, and a change of it.
_EXAMPLES = {
    "User": ({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "grace.hopper",
              "name": {"givenName": "Grace", "familyName": "Hopper"}, "emails": [{"value": "grace@acme.example", "type": "work"}],
              "active": True}, {"op": "replace", "path": "title", "value": "Rear admiral"}),
    "Group": ({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "writers"},
              {"op": "replace", "path": "displayName", "value": "authors"}),
    "Device": ({"schemas": ["urn:example:params:scim:schemas:core:1.0:Device"], "displayName": "Kettle"},
               {"op": "replace", "path": "model", "value": "K-2"}),
}


def _links(kind: str, suffix: str) -> dict:
    """What may be done with a resource that an answer shows."""
    return {f"{verb}Made{kind}": {"operationId": f"{verb}{kind}{suffix}", "parameters": {"path.id": "$response.body#/id"}}
            for verb in ("get", "replace", "patch", "delete")}


def _correlated(headers: dict) -> dict:
    return {**headers, "X-Correlation-Id": ref("headers", "CorrelationId")}


def _shown(kind: str, description: str, **more) -> dict:
    headers = _correlated({"ETag": ref("headers", "ETag"), "Content-Location": ref("headers", "ContentLocation")})
    return answer(description, _SCIM, schema(kind), headers, **more)


def _changed(kind: str) -> dict:
    shown = _shown(kind, "As it is now.")
    shown["headers"].update(_OUTBOUND)
    return shown


_NO_BODY = {"description": "Done.", "headers": _correlated(_OUTBOUND)}
# The members of a large group are in no answer that nobody asked for them.
_WITHOUT_GROUP = {**_NO_BODY, "description": "Done; by the tolerance group_patch_204, unless the query names attributes."}
_NOT_MODIFIED = {"description": "If-None-Match names the version that is there."}


class _Base:
    """The endpoints below /scim/v2 or /domains/{domain}/scim/v2."""

    def __init__(self, path: str, suffix: str):
        self.path = path
        self.suffix = suffix
        self.common = [parameter("domain")] if suffix else []
        self.scope = [parameter("correlationId")] + ([] if suffix else [parameter("onlyDomain")])

    def item(self, operation_id: str, tag: str, summary: str, scope: str, responses: dict, parameters: list[str] = (),
             request: dict | None = None, security: list | None = None) -> dict:
        return {"operationId": operation_id + self.suffix, "tags": [tag], "summary": summary,
                "description": f"Scope `{scope}`." if scope else "Needs no token.",
                **({"parameters": [*(self.scope if scope != "any" and tag != "Discovery" else []), *map(parameter, parameters)]}
                   if scope else {}),
                **({"requestBody": request} if request else {}), "responses": dict(sorted(responses.items())),
                **({"security": security} if security is not None else {})}

    def at(self, endpoint: str, *more: dict, **operations: dict) -> dict:
        parameters = [*self.common, *more]
        return {self.path + endpoint: {"servers": PUBLIC, **({"parameters": parameters} if parameters else {}), **operations}}

    def lists(self, endpoint: str, tag: str, name: str, shape: str) -> dict:
        query = ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"]
        listed = {"200": answer("A page of the list.", _SCIM, schema(shape)), **refusals("Scim", *_READ)}
        get = self.item(f"list{name}", tag, "List, filter and sort", "scim:read", listed, query)
        search = self.item(f"search{name}", tag, "The same, with the query in the body (RFC 7644 §3.4.3)", "scim:read",
                           {**listed, **refusals("Scim", 413, 415)}, (), body(
                               schema("SearchRequest"), _SCIM, _JSON,
                               example={"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 10}))
        return {"get": get, "search": search, "path": endpoint}

    def resource(self, kind: dict) -> dict:
        name, tag, endpoint = kind["name"], kind["endpoint"][1:], kind["endpoint"]
        example, change = _EXAMPLES[name]
        if not self.suffix and name == "Group":
            example = {**example, "displayName": "PRIMARY/writers"}
            change = {**change, "value": "PRIMARY/authors"}
        shape = ["attributes", "excludedAttributes"]
        sent = body(schema(f"{name}Sent"), _SCIM, _JSON, example=example)
        patch = body(schema("PatchOp"), _SCIM, _JSON, example={"schemas": [_PATCH_SCHEMA], "Operations": [change]})
        made = _shown(name, "It is made.", links=_links(name, self.suffix))
        made["headers"].update({"Location": ref("headers", "Location"), **_OUTBOUND})
        changed = {"200": _changed(name), **refusals("Scim", *_WRITE, *_CONDITIONS, 428)}
        lists = self.lists(endpoint, tag, f"{name}s", f"{name}List")
        return {
            **self.at(endpoint, get=lists["get"], post=self.item(
                f"create{name}", tag, "Make one", "scim:write", {"201": made, **refusals("Scim", *_WRITE)}, shape, sent)),
            **self.at(f"{endpoint}/.search", post=lists["search"]),
            **self.at(f"{endpoint}/{{id}}", parameter("id"), **self.one(name, name, tag, shape, sent, patch, changed, _READ)),
        }

    def one(self, name: str, shown: str, tag: str, shape: list[str], sent: dict, patch: dict, changed: dict, read: tuple) -> dict:
        return {
            "get": self.item(f"get{name}", tag, "Show one", "scim:read",
                             {"200": _shown(shown, "It."), "304": _NOT_MODIFIED, **refusals("Scim", *read, 412)},
                             [*shape, "ifMatch", "ifNoneMatch"]),
            "put": self.item(f"replace{name}", tag, "Replace all of it", "scim:write", changed, [*shape, "ifMatch"], sent),
            "patch": self.item(f"patch{name}", tag, "Change parts of it (RFC 7644 §3.5.2)", "scim:write",
                               {**changed, **({"204": _WITHOUT_GROUP} if name == "Group" else {})}, [*shape, "ifMatch"], patch),
            "delete": self.item(f"delete{name}", tag, "Delete it", "scim:write",
                                {"204": _NO_BODY, **refusals("Scim", *read, 409, 412, 428, 502)}, ["ifMatch"]),
        }

    def me(self) -> dict:
        shape = ["attributes", "excludedAttributes"]
        sent = body(schema("UserSent"), _SCIM, _JSON)
        patch = body(schema("PatchOp"), _SCIM, _JSON, example={
            "schemas": [_PATCH_SCHEMA], "Operations": [{"op": "replace", "path": "nickName", "value": "Amazing Grace"}]})
        changed = {"200": _changed("User"), **refusals("Scim", *_WRITE, *_CONDITIONS, 428, 501)}
        operations = self.one("Me", "User", "Me", shape, sent, patch, changed, (*_READ, 501))
        for operation in operations.values():
            operation["description"] = operation["description"].replace("scim:", "me:").rstrip(".") + ", or the scope of users; " \
                "the token is bound to a user."
        operations["post"] = self.item("createMe", "Me", "Not offered: a token is bound to a user who exists", "any",
                                       refusals("Scim", 400, 401, 429, 500, 501, 503))
        return self.at("/Me", **operations)

    def whole(self) -> dict:
        everything = self.lists("", "Search and bulk", "Everything", "AnyResourceList")
        bulk = self.item("bulk", "Search and bulk", "Many changes in one request (RFC 7644 §3.7)", "scim:write", {
            "200": answer("What became of each operation, in the order of the request.", _SCIM, schema("BulkResponse"), _correlated({})),
            **refusals("Scim", *_BULK)}, (), body(schema("BulkRequest"), _SCIM, _JSON, example={
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [{"method": "POST", "path": "/Users", "bulkId": "ada", "data": {
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada.lovelace"}}]}))
        return {**self.at("", get=everything["get"]), **self.at("/.search", post=everything["search"]),
                **self.at("/Bulk", post=bulk)}

    def discovery(self) -> dict:
        def get(operation_id: str, summary: str, shape: str, extra: tuple = (), scope: str = "scim:read") -> dict:
            codes = (400, 401, 403, 404, 429, 500, 503) if scope else (400, 403, 404, 500, 503)
            return self.item(operation_id, "Discovery", summary, scope,
                             {"200": answer("It.", _SCIM, schema(shape)), **refusals("Scim", *codes, *extra)}, (), None,
                             None if scope else [])

        def by(what: str, example: str) -> dict:
            return {"name": "id", "in": "path", "required": True, "description": f"The {what}.", "schema": text(minLength=1),
                    "example": example}

        config = get("getServiceProviderConfig", "What the server can do", "ServiceProviderConfig", (), "")
        return {
            **self.at("/ServiceProviderConfig", get=config),
            **self.at("/Schemas", get=get("listSchemas", "All schemas", "SchemaList")),
            **self.at("/Schemas/{id}", by("URN of the schema", "urn:ietf:params:scim:schemas:core:2.0:User"),
                      get=get("getSchema", "One schema", "Schema")),
            **self.at("/ResourceTypes", get=get("listResourceTypes", "All resource types", "ResourceTypeList")),
            **self.at("/ResourceTypes/{id}", by("name of the resource type", "User"),
                      get=get("getResourceType", "One resource type", "ResourceType")),
        }


def paths(types: list[dict]) -> dict:
    made = {}
    for base in (_Base("/scim/v2", ""), _Base("/domains/{domain}/scim/v2", "InDomain")):
        for kind in types:
            made.update(base.resource(kind))
        made.update(base.me())
        made.update(base.whole())
        made.update(base.discovery())
    return made
