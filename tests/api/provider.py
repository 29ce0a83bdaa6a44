"""A small identity provider: real sockets, keys of its own, counted questions."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "vestibule-api"


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """`keys` are offered by id; `asked` counts how often anybody wanted them."""

    address: str = ""
    keys: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    says: dict[str, Any] = field(default_factory=dict)
    is_broken: bool = False
    extra: list[dict[str, Any]] = field(default_factory=list)

    def rotate(self, key_id: str) -> None:
        self.keys = {key_id: rsa_key()}

    def jwks(self) -> dict[str, Any]:
        offered = []
        for key_id, key in self.keys.items():
            is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
            kind: Any = ECAlgorithm if is_curve else RSAAlgorithm
            said = kind.to_jwk(key.public_key(), as_dict=True)
            alg = "ES256" if is_curve else "RS256"
            offered.append({**said, "kid": key_id, "use": "sig", "alg": alg})
        return {"keys": [*self.extra, *offered]}

    def claims(self, **said: Any) -> dict[str, Any]:
        now = int(time.time())
        standing = {
            "iss": self.address, "aud": AUDIENCE, "sub": "someone", "typ": "Bearer",
            "iat": now, "exp": now + 300, "azp": "portal", "sid": "one",
            "email": "", "email_verified": True,
        }  # fmt: skip
        return {k: v for k, v in {**standing, **said}.items() if v is not None}

    def of_client(self, client_id: str, **said: Any) -> str:
        return self.token(
            azp=client_id, client_id=client_id, sid=None, email=None,
            preferred_username=f"service-account-{client_id}", **said,
        )  # fmt: skip

    def token(
        self, *, key_id: str = "", key: Any = None, alg: str = "",
        headers: dict[str, Any] | None = None, **said: Any,
    ) -> str:  # fmt: skip
        key_id = key_id or next(iter(self.keys))
        key = key or self.keys[key_id]
        is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
        alg = alg or ("ES256" if is_curve else "RS256")
        said_first = {"kid": key_id, **(headers or {})}
        return jwt.encode(self.claims(**said), key, algorithm=alg, headers=said_first)


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    provider.rotate("first")

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_keys = self.path.endswith("/certs")
            provider.asked += is_keys
            found = {
                "issuer": provider.address, "jwks_uri": f"{provider.address}/certs",
                **provider.says,
            }  # fmt: skip
            body = json.dumps(provider.jwks() if is_keys else found).encode()
            self.send_response(500 if provider.is_broken else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    provider.address = f"http://127.0.0.1:{server.server_address[1]}/realms/staff"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
