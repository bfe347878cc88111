"""Ed25519 as PROTOCOL.md "Keys" has it: libsodium 1.0.18's acceptance, whatever the library here accepts.

The library (OpenSSL's cofactorless equation, S < L, R compared as bytes) accepts more than our rule: small-order R,
small-order A and non-canonical A. Those are looked at first; whether a key may be enrolled is computed here alone.
"""

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
MESSAGE_BYTES_MAX = 1024 * 1024

ENTRY = b"samband/entry/v1"
STATEMENT = b"samband/statement/v1"

Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T
IDENTITY: Point = (0, 1, 1, 0)


def _recover_x(y: int, sign: int) -> int | None:
    """x of a point by its y and sign (RFC 8032 5.1.3); None: not on the curve."""
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - xx) % P != 0:
        return None
    return P - x if x % 2 != sign else x


def _add(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * D * p[3] * q[3] % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(scalar: int, point: Point) -> Point:
    result = IDENTITY
    while scalar > 0:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _is_identity(p: Point) -> bool:
    return p[0] % P == 0 and (p[1] - p[2]) % P == 0


# y of the points of small order: order 4, 1, 8, 8, 2; and those that have a second spelling below 2^255.
_ORDER_8_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_YS = (0, 1, _ORDER_8_Y, P - _ORDER_8_Y, P - 1)
SMALL_ORDER_YS = frozenset(_YS) | {y + P for y in _YS if y + P < 2**255}


def _y_of(encoded: bytes) -> int:
    return int.from_bytes(encoded, "little") & (2**255 - 1)


def has_small_order(encoded: bytes) -> bool:
    """Of either sign, and also when spelled non-canonically."""
    return _y_of(encoded) in SMALL_ORDER_YS


_keys: dict[bytes, Ed25519PublicKey | None] = {}
_verdicts: dict[bytes, bool] = {}
_points: dict[bytes, bool] = {}
_REMEMBERED_MAX = 200_000


def _key(pk: bytes) -> Ed25519PublicKey | None:
    """None where no signature by it can hold: non-canonical or of small order."""
    if pk not in _keys:
        if len(_keys) >= _REMEMBERED_MAX:
            _keys.clear()
        _keys[pk] = _load(pk)
    return _keys[pk]


def _load(pk: bytes) -> Ed25519PublicKey | None:
    if len(pk) != 32 or _y_of(pk) >= P or has_small_order(pk):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(pk)
    except ValueError:  # some libraries look whether it is on the curve
        return None


def _verify(pk: bytes, message: bytes, signature: bytes) -> bool:
    key = _key(pk)
    if key is None or len(signature) != 64:
        return False
    if int.from_bytes(signature[32:], "little") >= L:
        return False
    if _y_of(signature[:32]) >= P or has_small_order(signature[:32]):
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def verify(pk: bytes, message: bytes, signature: bytes) -> bool:
    """Is this a valid signature? Remembered within the process by (key, message, signature)."""
    what = sha256(pk + signature + message).digest() if len(pk) == 32 and len(signature) == 64 else b""
    if what in _verdicts:
        return _verdicts[what]
    if len(_verdicts) >= _REMEMBERED_MAX:
        _verdicts.clear()
    verdict = _verify(pk, message, signature)
    if what:
        _verdicts[what] = verdict
    return verdict


def verify_domain(pk: bytes, domain: bytes, message: bytes, signature: bytes) -> bool:
    """PROTOCOL.md "Domains": what is signed is domain, 0x00, message; at most 1 MiB together."""
    if len(domain) + 1 + len(message) > MESSAGE_BYTES_MAX:
        return False
    return verify(pk, domain + b"\x00" + message, signature)


def is_valid_key(pk: bytes) -> bool:
    """May this key be enrolled: canonical, on the curve, in the main subgroup, not of small order."""
    if pk not in _points:
        if len(_points) >= _REMEMBERED_MAX:
            _points.clear()
        _points[pk] = _is_valid_point(pk)
    return _points[pk]


def _is_valid_point(pk: bytes) -> bool:
    if len(pk) != 32 or _y_of(pk) >= P or has_small_order(pk):
        return False
    y = _y_of(pk)
    x = _recover_x(y, pk[31] >> 7)
    return x is not None and _is_identity(_multiply(L, (x, y, 1, x * y % P)))
