"""How an operation of the admin API is put together."""
from source.shapes import INTERNAL, answer, body, parameter, ref, refusals, schema

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
DONE = {"description": "Done."}
_ETAG = {"ETag": ref("headers", "ETag")}
_COMMON = (400, 401, 403, 429, 500, 503)
_BODY = (413, 415)


class Section:
    """Operations of one tag. Those of `shared` things need a token that is bound to no domain."""

    def __init__(self, tag: str, shared: bool = True):
        self.tag = tag
        self.scope = "Scope `admin`, of a token that is bound to no domain." if shared else "Scope `admin`."

    def __call__(self, operation_id: str, summary: str, responses: dict, parameters: list = (), request: dict | None = None,
                 codes: tuple = (), description: str = "") -> dict:
        statuses = {*_COMMON, *codes, *(_BODY if request else ())}
        return {"operationId": operation_id, "tags": [self.tag], "summary": summary,
                "description": f"{self.scope} {description}".rstrip(),
                **({"parameters": [parameter(each) if isinstance(each, str) else each for each in parameters]} if parameters else {}),
                **({"requestBody": request} if request else {}),
                "responses": dict(sorted({**responses, **refusals("Admin", *statuses)}.items()))}


def shown(name: str, description: str = "It.", versioned: bool = True, **more) -> dict:
    return {"200": answer(description, JSON, schema(name), _ETAG if versioned else None, **more)}


def made(name: str, links: dict | None = None, versioned: bool = True) -> dict:
    headers = {"Location": ref("headers", "Location"), **(_ETAG if versioned else {})}
    return {"201": answer("It is made.", JSON, schema(name), headers, links)}


def links_by_name(*operation_ids: str) -> dict:
    """What may be done with what an answer shows, by its name."""
    return {f"{operation_id}ThatWasMade": {"operationId": operation_id, "parameters": {"path.name": "$response.body#/name"}}
            for operation_id in operation_ids}


def sent(name: str, example=None) -> dict:
    return body(schema(name), JSON, example=example)


def patched(name: str, example=None) -> dict:
    return body(schema(name), JSON, MERGE_PATCH, example=example, description="A JSON Merge Patch (RFC 7396).")


def internal(operations: dict) -> dict:
    return {path: {"servers": INTERNAL, **item} for path, item in operations.items()}
