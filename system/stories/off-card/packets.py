"""Secured packets of SCP80 (ETSI TS 102 225, 3GPP TS 31.115) by a stranger, on primitives of its own.

    packets.py < tasks.json        a list of tasks, each answered in turn:
        command   {spi, kic, kid, tar, counter, data, keys}     -> the packet from CPL on
        open      {packet, keys}                                -> {status, tar, counter, data}
        response  {packet, keys, status, data}                  -> the packet from RPL on, as the answer to a command
        proof     {command, packet, keys}                       -> {status, tar, counter, data}
"""

import binascii
import json
import sys

from primitives import Aes, TripleDes, cbc, cmac, uncbc

RPI = b"\x02\x71\x00"
NONE, RC, CC = 0, 1, 2


class Bad(Exception):
    pass


def x25(data):
    """CRC of 16 bits, ISO/IEC 13239, bit by bit."""
    register = 0xFFFF
    for octet in data:
        for bit in range(8):
            odd = (register ^ octet >> bit) & 1
            register = register >> 1 ^ (0x8408 if odd else 0)
    return (register ^ 0xFFFF).to_bytes(2, "big")


def block_cipher(octet, key):
    kind = octet & 0x0F
    if kind == 0x02 and len(key) in (16, 24, 32):
        return Aes(key)
    if (kind, len(key)) in ((0x05, 16), (0x09, 24)):
        return TripleDes(key)
    raise Bad("06")


def check(kind, octet, key, message):
    if kind == NONE:
        return b""
    if kind == RC:
        return {0x01: x25, 0x05: lambda data: binascii.crc32(data).to_bytes(4, "big")}[octet & 0x0F](message)
    cipher = block_cipher(octet, key)
    if cipher.size == 16:
        return cmac(key, message)[:8]
    return cbc(cipher, message + bytes(-len(message) % 8))[-8:]


def check_length(kind, octet):
    return {NONE: 0, RC: 2 if octet & 0x0F == 0x01 else 4, CC: 8}[kind]


def secured(clear, counted, data, kind, ciphered, kic, kid, keys, before=b""):
    """`clear` makes the clear part of a body's length and a check's; `counted` the first fields of a body of its padding."""
    length = check_length(kind, kid)
    size = len(counted(0)) + length + len(data)
    padding = -size % block_cipher(kic, keys["kic"]).size if ciphered else 0
    head, first, padded = clear(size + padding, length), counted(padding), data + bytes(padding)
    body = first + check(kind, kid, keys["kid"], before + head + first + padded) + padded
    return head + (cbc(block_cipher(kic, keys["kic"]), body) if ciphered else body)


def opened(packet, clear, first, kind, ciphered, kic, kid, keys, before=b""):
    """The first fields and the data of a packet whose clear part has `clear` octets and whose first fields have `first`."""
    if int.from_bytes(packet[:2], "big") != len(packet) - 2:
        raise Bad("06")
    head, body, length = packet[:clear], packet[clear:], check_length(kind, kid)
    if ciphered:
        cipher = block_cipher(kic, keys["kic"])
        if len(body) % cipher.size:
            raise Bad("05")
        body = uncbc(cipher, body)
    fields, found, padded = body[:first], body[first : first + length], body[first + length :]
    if len(fields) < first or fields[5] > len(padded):
        raise Bad("05")
    if check(kind, kid, keys["kid"], before + head + fields + padded) != found:
        raise Bad("01")
    return fields, padded[: len(padded) - fields[5]]


def command(task, keys):
    spi, kic, kid, tar = (bytes.fromhex(task[name]) for name in ("spi", "kic", "kid", "tar"))
    counter = task["counter"].to_bytes(5, "big")

    def clear(size, length):
        return (8 + size).to_bytes(2, "big") + bytes([13 + length]) + spi + kic + kid + tar

    return secured(
        clear, lambda padding: counter + bytes([padding]), bytes.fromhex(task["data"]),
        spi[0] & 3, spi[0] & 4, kic[0], kid[0], keys,
    )  # fmt: skip


def open_command(packet, keys):
    spi = packet[3:5]
    kind, ciphered = spi[0] & 3, spi[0] & 4
    if packet[2] != 13 + check_length(kind, packet[6]):
        raise Bad("06")
    return opened(packet, 10, 6, kind, ciphered, packet[5], packet[6], keys)


def response(task, keys):
    asked = bytes.fromhex(task["packet"])
    fields, _ = open_command(asked, keys)
    spi, tar, status = asked[3:5], asked[7:10], bytes.fromhex(task["status"])

    def clear(size, length):
        return (4 + size).to_bytes(2, "big") + bytes([10 + length]) + tar

    return secured(
        clear, lambda padding: fields[:5] + bytes([padding]) + status, bytes.fromhex(task["data"]),
        spi[1] >> 2 & 3, spi[1] & 0x10, asked[5], asked[6], keys, RPI,
    )  # fmt: skip


def proof(task, keys):
    asked, packet = bytes.fromhex(task["command"]), bytes.fromhex(task["packet"])
    kind, ciphered = asked[4] >> 2 & 3, asked[4] & 0x10
    if packet[2] != 10 + check_length(kind, asked[6]):
        raise Bad("06")
    fields, data = opened(packet, 6, 7, kind, ciphered, asked[5], asked[6], keys, RPI)
    return said(f"{fields[6]:02X}", packet[3:6], fields, data)


def said(status, tar, fields, data):
    return {"status": status, "tar": tar.hex(), "counter": int.from_bytes(fields[:5], "big"), "data": data.hex()}


def answer(task):
    keys = {name: bytes.fromhex(key) for name, key in task["keys"].items()}
    try:
        if task["do"] == "command":
            return command(task, keys).hex()
        if task["do"] == "response":
            return response(task, keys).hex()
        if task["do"] == "proof":
            return proof(task, keys)
        packet = bytes.fromhex(task["packet"])
        return said("00", packet[7:10], *open_command(packet, keys))
    except Bad as bad:
        return {"status": str(bad)}


json.dump([answer(task) for task in json.load(sys.stdin)], sys.stdout)
