"""Domains, identity providers, federated identities, queued provisions, tokens, token issuers and the audit."""
from source.admin_operation import DONE, JSON, Section, internal, links_by_name, made, patched, sent, shown
from source.shapes import UUID, answer, moment, number, one_of, parameter, ref, schema, text

_NAME = parameter("name")
_PURE_NAME = {"name": "name", "in": "path", "required": True}


def _query(name: str, description: str, shape: dict, required: bool = False) -> dict:
    return {"name": name, "in": "query", "description": description, "schema": shape, **({"required": True} if required else {})}


def _traceable(response: dict) -> dict:
    return {**response, "headers": {**response.get("headers", {}), "X-Correlation-Id": ref("headers", "CorrelationId")}}


def _domains() -> dict:
    section, shared = Section("Domains", shared=False), Section("Domains")
    links = links_by_name("getDomain", "patchDomain", "getGuardRails")
    confirm = _query("confirm", "The name once more.", text(), True)
    return {
        "/admin/v1/domains": {
            "get": section("listDomains", "Those that the token sees, half made and half deleted ones too", shown("Domains", versioned=False)),
            "post": shared("createDomain", "Make a domain: a schema with its tables", made("Domain", links), (),
                           sent("NewDomain", {"name": "SALES", "description": "sales people"}), (409,))},
        "/admin/v1/domains/{name}": {
            "parameters": [_NAME],
            "get": section("getDomain", "Show one", shown("Domain"), (), None, (404,)),
            "patch": section("patchDomain", "Change its settings", shown("Domain"), ["ifMatch"],
                             patched("DomainChange", {"settings": {"UsernameJavaRegEx": "^[a-z.]{3,40}$"}}), (404, 409, 412)),
            "delete": shared("deleteDomain", "Delete it with everything in it", {"204": DONE}, ["ifMatch", confirm], None,
                             (400, 404, 409, 412))},
        "/admin/v1/domains/{name}/guard-rails": {
            "parameters": [_NAME],
            "get": section("getGuardRails", "How its guard-rails stand", shown("GuardRailState", versioned=False), (), None, (404,))},
    }


def _providers() -> dict:
    section = Section("Identity providers")
    one, links = "IdentityProvider", links_by_name("getIdentityProvider", "patchIdentityProvider", "deleteIdentityProvider",
                                                   "getIdentityProviderHistory")

    def advised(answers: dict) -> dict:
        """The answers with `advice=true` as well."""
        for each in answers.values():
            each["content"] = {JSON: {"schema": {"oneOf": [schema(one), schema("AdvisedIdentityProvider")]}}}
        return answers

    example = {"name": "partners", "claims": {"userIdClaim": "email"}, "jit": {"isEnabled": True, "userstore": "PRIMARY"}}
    version = {"name": "version", "in": "path", "required": True, "schema": number(minimum=1, maximum=4294967295), "example": 1}
    return {
        "/admin/v1/identity-providers": {
            "get": section("listIdentityProviders", "All of them", shown("IdentityProviders", versioned=False)),
            "post": section("createIdentityProvider", "A new one", advised(made(one, links)), ["advice"], sent("IdentityProviderSent", example), (404, 409))},
        "/admin/v1/identity-providers/{name}": {
            "parameters": [_NAME],
            "get": section("getIdentityProvider", "Show one", advised(shown(one)), ["advice"], None, (400, 404)),
            "put": section("replaceIdentityProvider", "Make it, or replace all of it", advised({**shown(one), **made(one)}),
                           ["advice", "ifMatch"], sent("IdentityProviderSent"), (404, 409, 412)),
            "patch": section("patchIdentityProvider", "Change its settings", advised(shown(one)), ["advice", "ifMatch"],
                             patched("IdentityProviderChange", {"description": "our partners"}), (404, 409, 412)),
            "delete": section("deleteIdentityProvider", "Delete it, with the links of its subjects", {"204": DONE}, ["ifMatch"], None,
                              (400, 404, 409, 412))},
        "/admin/v1/identity-providers/{name}/history": {
            "parameters": [_NAME],
            "get": section("getIdentityProviderHistory", "Its versions, newest first", shown("IdentityProviderHistory", versioned=False),
                           (), None, (404,))},
        "/admin/v1/identity-providers/{name}/history/{version}": {
            "parameters": [_NAME, version],
            "get": section("getIdentityProviderVersion", "The settings of a version", shown(one), (), None, (404,))},
        "/admin/v1/identity-providers/{name}/rollback": {
            "parameters": [_NAME],
            "post": section("rollBackIdentityProvider", "Apply the settings of a version again, as a new one",
                            advised({**shown(one), **made(one)}), ["advice", "ifMatch"], sent("Rollback", {"version": 1}),
                            (404, 409, 412))},
    }


def _identities() -> dict:
    section = Section("Federated identities")
    provider = _query("identityProvider", "The name of an identity provider.", text())
    subject = _query("subject", "What it calls the user.", text())
    pair = [{**provider, "required": True}, {**subject, "required": True}]
    user = _query("user", "The id of a user.", dict(UUID))
    linked = {"201": _traceable(answer("It is linked.", JSON, schema("FederatedIdentity")))}
    moved = {"200": _traceable(answer("It is moved.", JSON, schema("FederatedIdentity")))}
    return {"/admin/v1/federated-identities": {
        "get": section("listFederatedIdentities", "Of a user, of a pair, or of an identity provider",
                       shown("FederatedIdentities", versioned=False), [user, provider, subject, "pageSize", "after"], None, (400, 404),
                       "One of `user` and `identityProvider` is needed."),
        "post": section("linkFederatedIdentity", "Link a pair to a user before it signs in", linked, (), sent("NewFederatedIdentity"),
                        (404, 409)),
        "patch": section("moveFederatedIdentity", "Link a pair to another user", moved, pair,
                         patched("FederatedIdentityMove"), (404, 409)),
        "delete": section("unlinkFederatedIdentity", "Unlink a pair", {"204": _traceable(DONE)}, pair, None, (400, 404, 409)),
    }}


def _operations() -> dict:
    section = Section("Operations")
    state = _query("state", "`dead` when it is left out.", one_of("dead", "queued", "running", "done"))
    by_id = {"name": "id", "in": "path", "required": True, "schema": text(pattern="^[0-9a-f]{32}$")}
    one = shown("Operation", versioned=False)
    return {
        "/admin/v1/operations": {"get": section("listOperations", "Queued logins of a state, without claims",
                                                shown("Operations", versioned=False), [state, "pageSize", "after"], None, (400, 404))},
        "/admin/v1/operations/{id}": {
            "parameters": [by_id],
            "get": section("showOperation", "One of them", one, (), None, (404,)),
            "delete": section("dropOperation", "Drop a dead or queued one: that login is lost", {"204": DONE}, (), None, (404, 409))},
        "/admin/v1/operations/{id}/retry": {
            "parameters": [by_id],
            "post": section("retryOperation", "Queue a dead one again", one, (), None, (404, 409))},
    }


def _tokens() -> dict:
    section = Section("Tokens")
    links = links_by_name("patchToken", "rotateToken", "revokeToken")
    told = {"201": answer("It is made, and its text shown this once.", JSON, schema("TokenWithText"), None, links)}
    rotated = {"200": answer("Its new text, shown this once.", JSON, schema("TokenWithText"))}
    return {
        "/admin/v1/tokens": {
            "get": section("listTokens", "All of them, nothing secret among it", shown("Tokens", versioned=False)),
            "post": section("createToken", "Make one", told, (), sent("NewToken", {
                "name": "okta", "scopes": ["scim:read", "scim:write"], "tolerances": "okta"}), (404, 409))},
        "/admin/v1/tokens/{name}": {
            "parameters": [_NAME],
            "patch": section("patchToken", "Change its end or its rate", shown("Token", versioned=False), (),
                             patched("TokenChange", {"requestsPerMinute": 600}), (404,)),
            "delete": section("revokeToken", "Revoke it", {"204": DONE}, (), None, (404,))},
        "/admin/v1/tokens/{name}/rotate": {
            "parameters": [_NAME],
            "post": section("rotateToken", "Give it a new text", rotated, (), sent("TokenRotation", {"overlapSeconds": 600}), (404,))},
    }


def _issuers() -> dict:
    section, one = Section("Token issuers"), "TokenIssuer"
    example = {"name": "corp-as", "issuer": "https://as.example.com", "audiences": ["https://id.example.com/scim"],
               "jwksUri": "https://as.example.com/jwks.json", "scopes": ["scim:read"]}
    return {
        "/admin/v1/token-issuers": {"get": section("listTokenIssuers", "All of them", shown("TokenIssuers", versioned=False))},
        "/admin/v1/token-issuers/{name}": {
            "parameters": [{**_PURE_NAME, "description": "The name.", "schema": text(minLength=1), "example": "corp-as"}],
            "get": section("getTokenIssuer", "Show one", shown(one), (), None, (404,)),
            "put": section("replaceTokenIssuer", "Make it, or replace all of it", {**shown(one), **made(one)}, ["ifMatch"],
                           sent(one, example), (404, 409, 412)),
            "patch": section("patchTokenIssuer", "Change its settings", shown(one), ["ifMatch"],
                             patched("TokenIssuerChange", {"requestsPerMinute": 600}), (404, 409, 412)),
            "delete": section("deleteTokenIssuer", "Delete it: its tokens are no good any more", {"204": DONE}, ["ifMatch"], None,
                              (400, 404, 409, 412))},
    }


def _audit() -> dict:
    section = Section("Audit")
    filters = [_query(name, description, shape) for name, description, shape in (
        ("correlationId", "Of the request.", text()), ("user", "The id of a user.", text()),
        ("resource", "The id of any resource.", text()), ("identityProvider", "Its name.", text()),
        ("subject", "With identityProvider.", text()), ("action", "Such as jit.created or user.updated.", text()),
        ("from", "Included.", moment()), ("to", "Not included.", moment()), ("cursor", "Of the page before.", text()))]
    return {"/admin/v1/audit": {"get": section("listAudit", "What was decided and changed, newest first",
                                               shown("AuditEvents", versioned=False), [*filters, "pageSize"], None, (400,))}}


def paths() -> dict:
    return internal({**_domains(), **_providers(), **_identities(), **_operations(), **_tokens(), **_issuers(), **_audit()})
