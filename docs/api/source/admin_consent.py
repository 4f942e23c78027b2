"""Consent: purposes, receipts, decisions and withdrawal."""
from source.admin_operation import DONE, Section, internal, links_by_name, made, patched, sent, shown
from source.shapes import UUID, closed, flag, listed, moment, nullable, number, one_of, parameter, schema, text

_TEXTS = {"type": "object", "description": "By language; `en` is needed.",
          "additionalProperties": closed(["title", "description"], title=text(minLength=1), description=text())}
_PURPOSE = {"name": text(minLength=1, maxLength=255, pattern=r"^[^/\x00-\x1f\x7f]+$"), "texts": _TEXTS,
            "attributes": listed(closed(["attribute"], attribute=text(minLength=1), mandatory=flag())),
            "onWithdrawal": one_of("removeValues", "disableUser")}
_ID = {"name": "id", "in": "path", "required": True, "schema": dict(UUID), "description": "Of the receipt."}

SCHEMAS = {
    "ConsentPurpose": closed(["name", "texts"], **_PURPOSE),
    "ConsentPurposeChange": closed([], **{name: shape if name == "name" else nullable(shape) for name, shape in _PURPOSE.items()}),
    "ConsentPurposes": closed(["consentPurposes"], consentPurposes=listed(schema("ConsentPurpose"))),
    "ConsentPurposeVersions": closed(["versions"], versions=listed(closed(
        ["version", "changed", "by", "asksAgain", "settings"], version=number(), changed=moment(), by=text(), asksAgain=listed(text()),
        settings=nullable(schema("ConsentPurpose"))))),
    "ConsentReceipt": closed(
        ["id", "user", "identityProvider", "state", "created", "receipt"], id=text(), user=text(), identityProvider=text(),
        state=one_of("active", "revoked"), created=moment(), revoked=moment(),
        receipt={"type": "object", "description": "A consent receipt of Kantara's KI-CR-v1.1.0."}),
    "ConsentReceipts": closed(["receipts"], receipts=listed(schema("ConsentReceipt")), after=text()),
    "Consents": closed(["consents"], consents=listed(closed(
        ["purpose", "version", "attribute", "consent", "decided", "receipt"], purpose=nullable(text()), version=number(),
        attribute=text("Empty: the purpose as a whole."), consent=one_of("agreed", "refused", "withdrawn"), decided=moment(),
        receipt=text()))),
}


def paths() -> dict:
    section, own, one = Section("Consent"), Section("Consent", shared=False), "ConsentPurpose"
    editorial = {"name": "editorial", "in": "query", "description": "`true`: nobody is asked again because of changed texts.",
                 "schema": one_of("true", "false")}
    user = {"name": "user", "in": "query", "description": "The id of a user; everybody's when it is left out.", "schema": dict(UUID)}
    links = links_by_name("getConsentPurpose", "patchConsentPurpose", "deleteConsentPurpose", "getConsentPurposeVersions")
    example = {"name": "newsletter", "texts": {"en": {"title": "Newsletter", "description": "We send you our newsletter."}},
               "attributes": [{"attribute": "emails"}]}
    return internal({
        "/admin/v1/consent-purposes": {
            "get": section("listConsentPurposes", "All of them", shown("ConsentPurposes", versioned=False)),
            "post": section("createConsentPurpose", "A new one", made(one, links), (), sent(one, example), (409,))},
        "/admin/v1/consent-purposes/{name}": {
            "parameters": [parameter("name")],
            "get": section("getConsentPurpose", "Show one", shown(one), (), None, (404,)),
            "put": section("replaceConsentPurpose", "Make it, or replace all of it", {**shown(one), **made(one)}, [editorial, "ifMatch"],
                           sent(one), (404, 409, 412)),
            "patch": section("patchConsentPurpose", "Change it", shown(one), [editorial, "ifMatch"],
                             patched("ConsentPurposeChange", {"onWithdrawal": "removeValues"}), (404, 409, 412)),
            "delete": section("deleteConsentPurpose", "Delete it", {"204": DONE}, ["ifMatch"], None, (400, 404, 409, 412))},
        "/admin/v1/consent-purposes/{name}/versions": {
            "parameters": [parameter("name")],
            "get": section("getConsentPurposeVersions", "Its versions, newest first", shown("ConsentPurposeVersions", versioned=False), (),
                           None, (404,))},
        "/admin/v1/consent-receipts": {
            "get": own("listConsentReceipts", "Those of a user, or everybody's", shown("ConsentReceipts", versioned=False),
                       [user, "pageSize", "after"], None, (400, 404))},
        "/admin/v1/consent-receipts/{id}": {
            "parameters": [_ID],
            "get": own("getConsentReceipt", "Show one", shown("ConsentReceipt", versioned=False), (), None, (404,)),
            "delete": own("withdrawConsent", "Withdraw what was agreed to by it", {"204": DONE}, (), None, (404, 409))},
        "/admin/v1/users/{id}/consents": {
            "parameters": [parameter("id")],
            "get": own("listConsents", "What a user has decided", shown("Consents", versioned=False), (), None, (404,))},
    })
