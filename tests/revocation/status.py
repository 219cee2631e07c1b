"""Reading a status list as whoever has only our public keys would."""

import zlib

import jwt
from jwt.utils import base64url_decode

from revocation.status_bits import statuses
from revocation.status_index import LIST_SIZE
from tests.revocation.test_signing_keys import PAIRS

URL = "https://api.example.com/status"
ON = {"STATUS_LIST_URL": URL}
KEYS = PAIRS["ES256"]


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def entry_of(token):
    return claims_of(token)["status"]["status_list"]


def is_invalid(token, *, now=None):
    """Return what the list says of a token, made anew."""
    entry = entry_of(token)
    return bit(statuses(number_of(entry), now=now), entry["idx"])


def number_of(entry):
    return int(entry["uri"].removeprefix(f"{URL}/"))


def position_of(token):
    entry = entry_of(token)
    return number_of(entry) * LIST_SIZE + entry["idx"]


def bit(bits, idx):
    """Return one status: counted from the lowest bit of the first byte (the draft, 4.1)."""
    return bits[idx // 8] >> (idx % 8) & 1


def bits_of(list_token):
    said = claims_of(list_token)["status_list"]
    assert said["bits"] == 1
    return zlib.decompress(base64url_decode(said["lst"]))
