"""An OpenID Connect provider, authorization code flow with RS256, that has everybody sign in as the one at the keyboard.

OpenID Connect Core 1.0 §3.1, Discovery 1.0 §4; by https, with a certificate of its own for localhost.
"""

import base64
import json
import secrets
import ssl
import subprocess
import time
import urllib.parse

from web import Handler, Server

CLIENT = "the-gateway"
# Basic authentication form-encodes it (RFC 6749 §2.3.1).
SECRET = "a secret: 100%"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, given=None):
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


class _Endpoints(Handler):
    def _json(self, status, value):
        self.answer(status, json.dumps(value).encode(),
                    [("Content-Type", "application/json"), ("Cache-Control", "no-store")])

    def do_GET(self):  # pylint: disable=invalid-name
        owner = self.server.owner
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/.well-known/openid-configuration":
            self._json(200, owner.metadata())
        elif url.path == "/jwks":
            self._json(200, {"keys": [owner.public_key]})
        elif url.path == "/authorize":
            self._authorize(dict(urllib.parse.parse_qsl(url.query)))
        else:
            self._json(404, {})

    def _authorize(self, asked):
        owner = self.server.owner
        if asked["client_id"] != CLIENT or asked["response_type"] != "code" or "openid" not in asked["scope"].split():
            self._json(400, {"error": "invalid_request"})
            return
        code = secrets.token_urlsafe(16)
        owner.codes[code] = (owner.at_keyboard, asked["redirect_uri"], asked.get("nonce"))
        back = urllib.parse.urlencode({"code": code, "state": asked["state"]})
        self.answer(302, headers=[("Location", asked["redirect_uri"] + "?" + back)])

    def do_POST(self):  # pylint: disable=invalid-name
        owner = self.server.owner
        form = dict(urllib.parse.parse_qsl(self.body().decode()))
        if self.path != "/token" or form.get("grant_type") != "authorization_code":
            self._json(400, {"error": "unsupported_grant_type"})
            return
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        client = [urllib.parse.unquote_plus(part) for part in base64.b64decode(credentials).decode().split(":", 1)]
        if scheme != "Basic" or client != [CLIENT, SECRET]:
            self._json(401, {"error": "invalid_client"})
            return
        person, redirect, nonce = owner.codes.pop(form.get("code"), (None, None, None))
        if person is None or form.get("redirect_uri") != redirect:
            self._json(400, {"error": "invalid_grant"})
            return
        self._json(200, {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 600,
                         "id_token": owner.id_token(person, nonce)})


class OpenIdProvider(Server):
    def __init__(self, folder):
        self.certificate = folder / "provider.crt"
        key = folder / "provider.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(self.certificate))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, key)
        super().__init__(_Endpoints, tls)
        self.issuer = f"https://localhost:{self.port}"
        self.at_keyboard = None
        self.codes = {}
        self.signing_key = folder / "signing.key"
        openssl("genrsa", "-out", str(self.signing_key), "2048")
        modulus = openssl("rsa", "-in", str(self.signing_key), "-noout", "-modulus").decode().strip().split("=")[1]
        self.public_key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k1", "e": "AQAB",
                           "n": base64url(bytes.fromhex(modulus))}

    def metadata(self):
        return {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/jwks",
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"]}

    def id_token(self, person, nonce):
        now = int(time.time())
        claims = {**person, "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 600}
        if nonce is not None:
            claims["nonce"] = nonce
        parts = [{"alg": "RS256", "kid": "k1", "typ": "JWT"}, claims]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = openssl("dgst", "-sha256", "-sign", str(self.signing_key), given=text.encode())
        return text + "." + base64url(signature)
