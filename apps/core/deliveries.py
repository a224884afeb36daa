"""How a delivery proves where it comes from: MLflow's headers, after Standard Webhooks."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

SIGNATURE = "X-MLflow-Signature"
DELIVERY = "X-MLflow-Delivery-Id"
TIMESTAMP = "X-MLflow-Timestamp"


def headers(body: bytes, *, delivery: str, timestamp: int, secret: str) -> Mapping[str, str]:
    """Return the headers of one try; without a secret it is not signed."""
    known = {
        "Content-Type": "application/json",
        DELIVERY: delivery,
        TIMESTAMP: str(timestamp),
    }
    if not secret:
        return known
    signed = f"{delivery}.{timestamp}.".encode() + body
    code = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return known | {SIGNATURE: "v1," + base64.b64encode(code).decode()}
