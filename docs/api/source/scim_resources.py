"""JSON schemas of SCIM resources, made of the SCIM schema files: as a server shows a resource, and as a client sends it."""
import json
import pathlib

from source.shapes import UUID, closed, listed, moment, nullable, schema, text

_TYPES = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": -9223372036854775808, "maximum": 9223372036854775807},
    "decimal": {"type": "number"},
    "dateTime": {"type": "string", "format": "date-time"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "reference": {"type": "string"},
}


def resource_types(root: pathlib.Path) -> list[dict]:
    """Those of scim-schemas and of docs/examples/device: {"name", "endpoint", "schema", "extensions"}."""
    files = [json.loads(path.read_text()) for folder in ("scim-schemas", "docs/examples/device")
             for path in sorted((root / folder).glob("*.json"))]
    schemas = {file["id"]: file for file in files if "attributes" in file}
    return [{"name": file["name"], "endpoint": file["endpoint"], "schema": schemas[file["schema"]],
             "extensions": [schemas[each["schema"]] for each in file.get("schemaExtensions", [])]}
            for name in ("User", "Group", "Device") for file in files if file.get("endpoint") and file["name"] == name]


def _value(attribute: dict, written: bool) -> dict:
    kind = attribute.get("type", "string")
    if kind == "complex":
        shape = {"type": "object", "properties": _attributes(attribute["subAttributes"], written)}
        if not written:
            shape["additionalProperties"] = False
        return shape
    return dict(_TYPES[kind])


def _attributes(attributes: list[dict], written: bool) -> dict:
    made = {}
    for attribute in attributes:
        if written and attribute.get("mutability") == "readOnly":
            continue
        if not written and attribute.get("returned") == "never":
            continue
        shape = _value(attribute, written)
        if attribute.get("multiValued"):
            shape = {"type": "array", "items": shape}
        if written and not attribute.get("required"):
            shape = nullable(shape)  # RFC 7643 §2.5: null is no value
        shape["description"] = attribute["description"]
        made[attribute["name"]] = shape
    return made


def _shown(kind: dict) -> dict:
    properties = {
        "schemas": listed(text()),
        "id": dict(UUID),
        "externalId": text("What the client calls it."),
        **_attributes(kind["schema"]["attributes"], False),
    }
    for extension in kind["extensions"]:
        properties[extension["id"]] = {"type": "object", "description": extension["description"], "additionalProperties": False,
                                       "properties": _attributes(extension["attributes"], False)}
    properties["meta"] = schema("Meta")
    # With `attributes` or `excludedAttributes` all else may be left out.
    return closed(["schemas", "id"], **properties)


def _sent(kind: dict) -> dict:
    own = kind["schema"]
    properties = {
        "schemas": {"type": "array", "items": text(), "contains": {"const": own["id"]}, "default": [own["id"]]},
        "externalId": nullable(text("What the client calls it.")),
        **_attributes(own["attributes"], True),
    }
    for extension in kind["extensions"]:
        written = _attributes(extension["attributes"], True)
        if written:
            properties[extension["id"]] = {"type": ["object", "null"], "description": extension["description"],
                                           "properties": written}
    required = ["schemas"] + [attribute["name"] for attribute in own["attributes"] if attribute.get("required")]
    return {"type": "object", "properties": properties, "required": required,
            "description": "What is unknown or read-only is passed over."}


def schemas(types: list[dict]) -> dict:
    made = {
        "Meta": closed([], resourceType=text(), created=moment(), lastModified=moment(), location=text(), version=text()),
    }
    for kind in types:
        made[kind["name"]] = _shown(kind)
        made[f"{kind['name']}Sent"] = _sent(kind)
    made["AnyResource"] = {"anyOf": [schema(kind["name"]) for kind in types]}
    return made


