"""The shapes of the admin API, but for settings of identity providers and consent."""
from source.shapes import SEGMENT, closed, flag, listed, moment, nullable, number, one_of, schema, text

_RATE = nullable(number("Requests in a minute; null for any number.", minimum=1, maximum=6000000))
_EXPIRES = nullable(moment("null: until it is revoked."))
_SCOPES = ["scim:read", "scim:write", "scim:privileged", "jit", "admin", "me:read", "me:write", "events:read"]

_RAILS = {"windowMinutes": number(minimum=1, maximum=10080),
          **{name: number(minimum=1, maximum=1000000000) for name in ("deletes", "deactivations", "membershipRemovals")},
          "liftedUntil": moment()}
_SETTINGS = {
    **{f"{what}{part}": text() for what in ("Username", "Rolename", "Password")
       for part in ("JavaRegEx", "JavaScriptRegEx", "JavaRegExViolationErrorMsg")},
    "ReadOnly": flag(), "Disabled": flag(), "CaseInsensitiveUsername": flag(), "tolerances": text(),
    "privilegedAttributes": listed(text()), "privilegedGroups": listed(text()),
    "requestsPerMinute": number(minimum=0, maximum=6000000), "guardRails": nullable(closed([], **_RAILS)),
}
# null puts a setting back to its default (RFC 7396); a flag, a number and a list are taken as their text too.
_SETTINGS_SENT = closed([], **{name: nullable({**shape, "type": ["boolean", "string"]} if shape == flag() else
                                              {**shape, "type": ["integer", "string"]} if shape.get("type") == "integer" else
                                              {"anyOf": [shape, text()]} if shape.get("type") == "array" else shape)
                               for name, shape in _SETTINGS.items() if name != "guardRails"},
                        guardRails=nullable(closed([], **{name: nullable(shape) for name, shape in _RAILS.items()})))

_ISSUER = {
    "name": text(minLength=1, maxLength=255), "enabled": flag(), "description": text(), "issuer": text(), "audiences": listed(text()),
    "jwksUri": text(), "algorithms": listed(text()), "types": listed(text()), "clockSkewSeconds": number(minimum=0, maximum=600),
    "scopeClaim": text(), "scopePrefix": text(), "clientClaim": text(), "scopes": listed(text(enum=_SCOPES)),
    "clients": nullable(listed(text())), "domains": nullable(listed(text())), "tolerances": nullable(text()), "requestsPerMinute": _RATE,
    "identityProvider": nullable(text()),
}

_TOKEN = {"id": text(), "name": text(), "scopes": text("with spaces between them"), "allDomains": flag(), "domains": listed(text()),
          "user": nullable(text()), "tolerances": nullable(text()), "created": moment(), "expires": nullable(moment()),
          "requestsPerMinute": nullable(number()), "lastUsed": nullable(moment()), "rotated": nullable(moment()),
          "formerExpires": nullable(moment())}

SCHEMAS = {
    "Problem": closed(["type", "title", "status", "detail"], type=text(), title=text(), status=number(), detail=text(),
                      code=text(), attribute=text()),
    "DomainSettings": closed(list(_SETTINGS), **_SETTINGS),
    "Domain": closed(["name", "state", "description", "version", "created", "modified"], name=text(), state=text(), description=text(),
                     settings=schema("DomainSettings"), version=text(), created=moment(), modified=moment()),
    "Domains": closed(["domains"], domains=listed(schema("Domain"))),
    "NewDomain": closed(["name"], name=text(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,29}$"), description=text(maxLength=255),
                        settings=_SETTINGS_SENT),
    "DomainChange": closed([], description=text(maxLength=255), settings=_SETTINGS_SENT),
    "GuardRailState": closed(
        ["domain", "guardRails", "lifted", "windows"], domain=text(), guardRails=nullable(closed([], **_RAILS)), lifted=flag(),
        windows=listed(closed(["actor", "kind", "used", "cap", "ends", "refused"],
                              actor=closed(["type"], type=text(), id=text(), name=text()), kind=text(), used=number(),
                              cap=nullable(number()), ends=moment(), refused=number()))),
    "IdentityProviders": closed(["identityProviders"], identityProviders=listed(schema("IdentityProvider"))),
    "AdvisedIdentityProvider": closed(
        ["identityProvider", "advice"], identityProvider=schema("IdentityProvider"),
        advice=listed(closed(["setting", "code", "text"], setting=text(), code=text(), text=text()))),
    "IdentityProviderHistory": closed(["versions"], versions=listed(closed(
        ["version", "changed", "by", "deleted"], version=number(), changed=moment(), by=text(), deleted=flag()))),
    "Rollback": closed(["version"], version=number(minimum=1, maximum=9223372036854775807)),
    "FederatedIdentity": closed(
        ["identityProvider", "subject", "user", "domain", "created", "lastSynced"], identityProvider=nullable(text()), subject=text(),
        user=text(), domain=nullable(text()), created=moment(), lastSynced=nullable(moment())),
    "FederatedIdentities": closed(["federatedIdentities"], federatedIdentities=listed(schema("FederatedIdentity")), after=text()),
    "NewFederatedIdentity": closed(["identityProvider", "subject", "user"], identityProvider=text(), subject=text(), user=text(format="uuid")),
    "FederatedIdentityMove": closed(["user"], user=text(format="uuid")),
    "Operation": closed(
        ["id", "state", "identityProvider", "subject", "attempts", "created", "correlationId"], id=text(),
        state=one_of("queued", "running", "done", "dead"), identityProvider=text(), subject=text(), attempts=number(), created=moment(),
        due=moment(), finished=moment(), outcome=text(), user=text(), code=text(), detail=text(), correlationId=text()),
    "Operations": closed(["operations"], operations=listed(schema("Operation")), after=text()),
    "AuditEvent": closed(
        ["at", "action", "actor"], at=moment(), correlationId=text(), action=text(), actor=closed(["id", "name"], id=text(), name=text()),
        identityProvider=text(), subject=text(), domain=text(), user=text(), resource=text(), target=text(), versionBefore=number(),
        versionAfter=number(), code=text(), attributes=listed(text()), granted=listed(text()), revoked=listed(text()),
        trace=listed(schema("TraceStep"))),
    "AuditEvents": closed(["events"], events=listed(schema("AuditEvent")), cursor=text()),
    "Token": closed(list(_TOKEN), **_TOKEN),
    "Tokens": closed(["tokens"], tokens=listed(schema("Token"))),
    "TokenWithText": closed([*_TOKEN, "token"], **_TOKEN, token=text("Shown this once.")),
    "NewToken": closed(
        ["name", "scopes"], name=text(minLength=1, maxLength=255, pattern=r"^[^\x00-\x1f\x7f]+$"),
        scopes={"anyOf": [listed(text(enum=_SCOPES), minItems=1), text("with spaces between them", pattern=r"^[a-z:]+( [a-z:]+)*$")]},
        domains=listed(SEGMENT), expires=_EXPIRES, tolerances=nullable(text()), user=nullable(text()), identityProvider=nullable(text()),
        subject=nullable(text()), requestsPerMinute=_RATE),
    "TokenChange": closed([], expires=_EXPIRES, requestsPerMinute=_RATE),
    "TokenRotation": closed([], overlapSeconds=number(minimum=0, maximum=2592000), expires=_EXPIRES, requestsPerMinute=_RATE),
    "TokenIssuer": closed(["name", "issuer", "audiences", "jwksUri", "scopes"], **_ISSUER),
    "TokenIssuers": closed(["tokenIssuers"], tokenIssuers=listed(schema("TokenIssuer"))),
    "TokenIssuerChange": closed([], **{name: shape if name == "name" else nullable(shape) for name, shape in _ISSUER.items()}),
}
