"""Tokens, DAPs and receipts from outside (GPCS §C.3 to §C.5). Signatures are openssl's own, by its command line."""

import subprocess
import tempfile

from card_manager import lv
from primitives import cmac, pad80, retail_mac
from secure_channel import Alarm, must_equal


def signer(algorithm, private_key):
    """RSA-1024: PKCS #1 v1.5 with SHA-1; RSA-2048: PSS with SHA-256, salt of 32; P-256: plain r and s, SHA-256."""
    options = {
        "rsa-1024": ["-sha1"],
        "rsa-2048": ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
        "p-256": ["-sha256"],
    }[algorithm]

    def sign(data):
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(private_key)
            file.flush()
            command = ["openssl", "dgst", *options, "-sign", file.name]
            signature = subprocess.run(command, input=data, capture_output=True, check=True).stdout
        return _plain(signature) if algorithm == "p-256" else signature

    return sign


def _plain(der):
    """SEQUENCE { r, s } to r and s of 32 octets each."""
    at, numbers = 2, []
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2 : at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def check_receipt(kind, key, answer, counter, unique, *context):
    """Over confirmation counter, card unique data, and what was done; all as length and value."""
    fields = _lvs(_lvs(answer)[0])
    receipt, said_counter, said_unique = fields[:3]
    must_equal("confirmation counter", said_counter, counter.to_bytes(len(said_counter), "big"))
    must_equal("card unique data", said_unique, unique)
    covered = b"".join(map(lv, (said_counter, said_unique, *context)))
    if len(fields) > 3:
        raise Alarm("the receipt has more than was expected")
    computed = cmac(key, covered) if kind == "AES" else retail_mac(key, pad80(covered, 8))
    must_equal("receipt", receipt, computed)


def _lvs(data):
    at, found = 0, []
    while at < len(data):
        size, at = data[at], at + 1
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        found.append(data[at : at + size])
        at += size
    return found
