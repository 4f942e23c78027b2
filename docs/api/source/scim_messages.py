"""The messages of RFC 7644 and the documents of discovery."""
from source.shapes import closed, flag, listed, nullable, number, schema, text

_MESSAGE = "urn:ietf:params:scim:api:messages:2.0:"
SCIM_TYPES = ["invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue",
              "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount"]


def _is(name: str) -> dict:
    return {"type": "array", "items": text(), "contains": {"const": _MESSAGE + name}, "default": [_MESSAGE + name]}


def _list_of(shape: dict) -> dict:
    return closed(["schemas", "itemsPerPage", "Resources"], schemas=_is("ListResponse"), totalResults=number(minimum=0),
                  startIndex=number(minimum=0), itemsPerPage=number(minimum=0), nextCursor=text(), Resources=listed(shape))


# Names of members are compared without case, so a misspelt one is one more that is passed over.
def _open(required: list[str], /, **properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": required}


def _patch() -> dict:
    def operation(kind: str, required: list[str], /, **properties: dict) -> dict:
        return _open(["op", *required], op={"const": kind}, **properties)

    value = {"description": "What the attribute is to be; without a path an object of attributes."}
    return _open(["schemas", "Operations"], schemas=_is("PatchOp"), Operations={
        "type": "array", "minItems": 1, "items": {"oneOf": [
            operation("add", ["value"], path=text(), value=value),
            operation("replace", ["value"], path=text(), value=value),
            operation("remove", ["path"], path=text(), value={"description": "Members to remove (Okta and Entra send them here)."}),
        ]}})


def _bulk() -> tuple[dict, dict]:
    operation = {"oneOf": [
        _open(["method", "path", "bulkId", "data"], method={"const": "POST"}, path=text(), bulkId=text(minLength=1), data={"type": "object"}),
        _open(["method", "path", "data"], method={"enum": ["PUT", "PATCH"]}, path=text(), data={"type": "object"}, version=text()),
        _open(["method", "path"], method={"const": "DELETE"}, path=text(), version=text()),
    ]}
    request = _open(["schemas", "Operations"], schemas=_is("BulkRequest"), failOnErrors=nullable(number("0 is none.", minimum=0)),
                    Operations=listed(operation, minItems=1))
    result = closed(["method", "status"], method=text(), bulkId=text(), version=text(), location=text(),
                    status=text(pattern="^[1-5][0-9]{2}$"), response=schema("ScimError"))
    return request, closed(["schemas", "Operations"], schemas=_is("BulkResponse"), Operations=listed(result))


def _search() -> dict:
    whole = {"type": ["integer", "null"], "minimum": -9223372036854775808, "maximum": 9223372036854775807}
    names = {"type": ["array", "string", "null"], "items": text()}
    texts = {"type": ["string", "null"]}
    return _open(["schemas"], schemas=_is("SearchRequest"), filter=texts, startIndex=whole, count=whole, sortBy=texts,
                 sortOrder={"type": ["string", "null"], "enum": ["ascending", "descending", None]}, cursor=texts, attributes=names,
                 excludedAttributes=names, domain=texts)


def _discovery() -> dict:
    supported = closed(["supported"], supported=flag())
    meta = schema("Meta")
    attribute = {"type": "object", "required": ["name", "type", "multiValued", "description", "mutability", "returned"],
                 "properties": {"name": text(), "type": text(), "multiValued": flag(), "description": text(), "required": flag(),
                                "caseExact": flag(), "mutability": text(), "returned": text(), "uniqueness": text(),
                                "canonicalValues": listed(text()), "referenceTypes": listed(text()),
                                "subAttributes": listed(schema("SchemaAttribute"))}, "additionalProperties": False}
    return {
        "ServiceProviderConfig": closed(
            ["schemas", "patch", "bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes", "pagination", "meta"],
            schemas=listed(text()), documentationUri=text(), patch=supported,
            bulk=closed(["supported", "maxOperations", "maxPayloadSize"], supported=flag(), maxOperations=number(), maxPayloadSize=number()),
            filter=closed(["supported", "maxResults"], supported=flag(), maxResults=number()), changePassword=supported, sort=supported,
            securityEvents=closed(["asyncRequest", "eventUris"], asyncRequest={"const": "none"},
                                  eventUris=listed(text("RFC 9967; here as soon as there is an event stream."))),
            etag=supported, authenticationSchemes=listed({"type": "object", "required": ["type", "name", "description"]}),
            pagination=closed([], cursor=flag(), index=flag(), defaultPaginationMethod=text(), defaultPageSize=number(),
                              maxPageSize=number(), cursorTimeout=number()), meta=meta),
        "SchemaAttribute": attribute,
        "Schema": closed(["schemas", "id", "name", "attributes", "meta"], schemas=listed(text()), id=text(), name=text(),
                         description=text(), attributes=listed(schema("SchemaAttribute")), meta=meta),
        "ResourceType": closed(["schemas", "id", "name", "endpoint", "schema", "meta"], schemas=listed(text()), id=text(), name=text(),
                               description=text(), endpoint=text(), schema=text(),
                               schemaExtensions=listed(closed(["schema", "required"], schema=text(), required=flag())), meta=meta),
        "SchemaList": _list_of(schema("Schema")),
        "ResourceTypeList": _list_of(schema("ResourceType")),
    }


def schemas(types: list[dict]) -> dict:
    bulk_request, bulk_response = _bulk()
    return {
        "ScimError": closed(["schemas", "status", "detail"], schemas=_is("Error"), status=text(pattern="^[1-5][0-9]{2}$"),
                            scimType=text(enum=SCIM_TYPES), detail=text()),
        **{f"{kind['name']}List": _list_of(schema(kind["name"])) for kind in types},
        "AnyResourceList": _list_of(schema("AnyResource")),
        "PatchOp": _patch(),
        "SearchRequest": _search(),
        "BulkRequest": bulk_request,
        "BulkResponse": bulk_response,
        **_discovery(),
    }
