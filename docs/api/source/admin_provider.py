"""The settings of an identity provider (docs/jit.md): as they are sent, every member of which may be left out, and as they are shown, with
all defaults."""
from source.shapes import changed, closed, flag, listed, number, one_of, text

_TEXT = text(minLength=1)
_METHODS = one_of("OVERRIDE_ALL", "PRESERVE_LOCAL", "NONE")
_GROUP_METHODS = one_of("MERGE_WITH_EXISTING", "OVERRIDE_ALL", "FIRST_LOGIN_ONLY", "NONE")
_SCHEMES = one_of("PROVISION_SILENTLY", "PROMPT_CONSENT", "PROMPT_PASSWORD_CONSENT", "PROMPT_USERNAME_PASSWORD_CONSENT")
_ALGORITHMS = one_of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")


def _transform() -> dict:
    replace = closed(["replace"], replace=closed(["pattern", "with"], pattern=_TEXT, **{"with": text(maxLength=255)}))
    return {"anyOf": [one_of("trim", "lowercase", "uppercase"), closed(["prefix"], prefix=_TEXT), closed(["suffix"], suffix=_TEXT),
                      closed(["split"], split=_TEXT), replace]}


def _condition(verified: bool, **more: dict) -> dict:
    """One of four kinds; `more` stands beside each."""
    needed = list(more)
    by_address = {"requireVerifiedEmail": flag()} if verified else {}
    return {"oneOf": [
        closed(["claim", "equals", *needed], claim=_TEXT, equals=_TEXT, **more),
        closed(["claim", "matches", *needed], claim=_TEXT, matches=_TEXT, **more),
        closed(["emailDomain", *needed], emailDomain=_TEXT, claim=_TEXT, **by_address, **more),
        closed(["group", *needed], group=_TEXT, **more),
    ]}


_CLAIMS = {
    "userIdClaim": text(), "roleClaim": text(), "roleClaimSeparator": text(),
    "mappings": listed(closed(["idpClaim", "attribute"], idpClaim=_TEXT, attribute=_TEXT, defaultValue=text(),
                              sync=one_of("override", "import-once", "preserve-local"), required=flag(),
                              transforms=listed(_transform(), maxItems=10)), maxItems=200),
}
_ROLES = {
    "filter": listed(_TEXT, maxItems=20),
    "mappings": listed(closed(["idpRole", "localRole"], idpRole=_TEXT, localRole=_TEXT), maxItems=5000),
    "unmapped": one_of("drop", "pass"), "createGroups": flag(), "maxRevokedPerLogin": number(minimum=0, maximum=1000000),
}
_LINK_RULE = closed(["federatedAttribute", "localAttribute"], federatedAttribute=_TEXT, localAttribute=_TEXT, requireVerifiedEmail=flag(),
                    normalize=listed(one_of("trim", "lowercase", "stripPlusTag")))
_PROMPT = {"returnOrigins": listed(_TEXT, maxItems=50), "expiresIn": number(minimum=30, maximum=86400), "theme": _TEXT, "pageUrl": text()}
_JIT = {
    "isEnabled": flag(), "userstore": _TEXT, "routing": listed(_condition(True, userstore=_TEXT), maxItems=100),
    "allowedDomains": listed(_TEXT), "unknownDomain": one_of("primary", "refuse"),
    "conditions": closed([], allow=listed(_condition(True), maxItems=50), deny=listed(_condition(False), maxItems=50)),
    "scheme": _SCHEMES, "prompt": closed([], **_PROMPT), "mode": one_of("blocking", "non-blocking"),
    "associateLocalUser": flag(), "accountLookupAttributeMappings": listed(_LINK_RULE, maxItems=20), "skipJITForLookupFailure": flag(),
    "userNameTemplate": text(), "sanitizeUserName": flag(), "onUserNameTaken": one_of("refuse", "suffix", "link", "prompt"),
    "create": flag(), "update": flag(), "link": flag(), "reactivate": flag(),
    "protectedUsers": listed(_TEXT, maxItems=1000), "protectedGroups": listed(_TEXT, maxItems=1000),
    "attributeSyncMethod": _METHODS, "idpGroupSyncMethod": _GROUP_METHODS,
    "consent": closed([], purposes=listed(_TEXT, minItems=1, maxItems=20)), "onFailure": one_of("refuse", "allow"),
}
_ID_TOKEN = {
    "issuer": _TEXT, "clientIds": listed(_TEXT, minItems=1, maxItems=100), "jwksUri": _TEXT,
    "algorithms": listed(_ALGORITHMS, minItems=1), "clockSkewSeconds": number(minimum=0, maximum=600),
    "maxAgeSeconds": number(minimum=0, maximum=2678400), "required": flag(),
}
_FORWARD_AUTH = {
    "subjectHeader": text(), "idTokenHeader": text(), "cacheSeconds": number(minimum=0, maximum=300),
    "claimHeaders": listed(closed(["header", "claim"], header=_TEXT, claim=_TEXT, separator=text()), maxItems=50),
}
_MEMBERS = {
    "name": text(minLength=1, maxLength=255, pattern=r"^[^/\x00-\x1f\x7f]+$"), "enabled": flag(), "description": text(),
    "claims": closed([], **_CLAIMS), "roles": closed([], **_ROLES), "jit": closed([], **_JIT),
    "idToken": closed(["issuer", "clientIds", "jwksUri"], **_ID_TOKEN), "forwardAuth": closed([], **_FORWARD_AUTH),
}


_SHOWN = {
    **_MEMBERS,
    "claims": closed(["mappings"], **_CLAIMS), "roles": closed(list(_ROLES), **_ROLES),
    "jit": closed([name for name in _JIT if name != "link"], **_JIT), "idToken": closed(list(_ID_TOKEN), **_ID_TOKEN),
}

SCHEMAS = {
    "IdentityProvider": closed(["name", "enabled", "description", "claims", "roles", "jit"], **_SHOWN),
    "IdentityProviderSent": closed(["name"], **_MEMBERS),
    "IdentityProviderChange": closed([], **{**changed(_MEMBERS), "name": _MEMBERS["name"]}),
}
