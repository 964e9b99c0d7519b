"""Card and content management from outside (GPCS chapter 11), over any transport that takes octets and gives octets."""

import os

from primitives import check_value
from secure_channel import Alarm, Scp02, Scp03, must_equal

ISSUER = bytes.fromhex("A000000151000000")
PACKAGE, MODULE = bytes.fromhex("A0000001515350"), bytes.fromhex("A000000151535041")


class Refused(Exception):
    def __init__(self, what, sw):
        super().__init__(f"{what}: {sw:04X}")
        self.sw = sw


def lv(data):
    return _ber_length(data) + data


def tlv(tag, data):
    return bytes.fromhex(tag) + _ber_length(data) + data


def _ber_length(data):
    size = len(data)
    if size < 0x80:
        return bytes([size])
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


def _body(data):
    """Lc, data and Le, in extended length where it must be."""
    if len(data) > 255:
        return b"\0" + len(data).to_bytes(2, "big") + data + b"\0\0"
    return (bytes([len(data)]) if data else b"") + data + b"\0"


def tlvs(data):
    """Tag (hexadecimal) and value, one after the other."""
    at = 0
    while at < len(data):
        end = at + 1
        if data[at] & 0x1F == 0x1F:
            while data[end] & 0x80:
                end += 1
            end += 1
        tag, size, at = data[at:end].hex().upper(), data[end], end + 1
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        yield tag, data[at : at + size]
        at += size


class CardManager:
    def __init__(self, transmit):
        self.transmit_octets, self.channel = transmit, None

    def transmit(self, apdu):
        answer = self.transmit_octets(apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def plain(self, cla, ins, p1, p2, data=b"", le=True):
        lc = bytes([len(data)]) if data else b""
        return self.transmit(bytes([cla, ins, p1, p2]) + lc + data + (b"\0" if le else b""))

    def must_plain(self, what, *apdu):
        data, sw = self.plain(*apdu)
        if sw != 0x9000:
            raise Refused(what, sw)
        return data

    def select(self, aid=ISSUER):
        self.channel = None
        return self.must_plain("SELECT", 0x00, 0xA4, 0x04, 0x00, aid)

    def protocols(self):
        """SCP and i from the card recognition data, data object 66 (GPCS annex H)."""
        ((_, recognition),) = tlvs(self.must_plain("GET DATA 66", 0x80, 0xCA, 0x00, 0x66))
        ((_, objects),) = tlvs(recognition)
        found = [dict(tlvs(value))["06"] for tag, value in tlvs(objects) if tag == "64"]
        return {oid[-2]: oid[-1] for oid in found if oid[:7].hex().upper() == "2A864886FC6B04"}

    def open(self, aid, keys, version, level, select=True):
        if select:
            self.select(aid)
        options = self.protocols()
        scp = 2 if 0x20 <= version <= 0x2F else 3
        option = options[scp]
        challenge = os.urandom(16 if scp == 3 and option & 1 else 8)
        answer = self.must_plain("INITIALIZE UPDATE", 0x80, 0x50, version, 0x00, challenge)
        if answer[10:12] != bytes([version, scp]):
            raise Alarm(f"the answer is of key version and protocol {answer[10:12].hex()}")
        channel = (Scp02 if scp == 2 else Scp03)(keys, challenge, answer, aid, option)
        (header, data, mac), _ = channel.external_authenticate(level)
        _, sw = self.transmit(header + bytes([len(data + mac)]) + data + mac)
        if sw != 0x9000:
            raise Refused("EXTERNAL AUTHENTICATE", sw)
        self.channel, self.level = channel, level
        return answer

    def send(self, ins, p1, p2, data=b"", cla=0x80):
        header, data, mac = self.channel.wrap(cla, ins, p1, p2, data)
        body = data + mac
        if ins == 0xD8 and len(body) > 255:
            answer, sw = self._in_pieces(header, body)
        else:
            answer, sw = self.transmit(header + _body(body))
        return self.channel.unwrap(answer, sw), sw

    def _in_pieces(self, header, body):
        """A long PUT KEY: protected as a whole, P1 b8 announces more."""
        pieces = [body[at : at + 255] for at in range(0, len(body), 255)]
        for piece in pieces[:-1]:
            _, sw = self.transmit(bytes([header[0], header[1], header[2] | 0x80, header[3], len(piece)]) + piece)
            if sw != 0x9000:
                return b"", sw
        return self.transmit(header + bytes([len(pieces[-1])]) + pieces[-1] + b"\0")

    def must(self, what, *apdu):
        data, sw = self.send(*apdu)
        if sw != 0x9000:
            raise Refused(what, sw)
        return data

    # --- the registry ---

    def registry(self, subset):
        """All pages of GET STATUS; None where nothing matches."""
        entries, p2 = [], 0x02
        while True:
            data, sw = self.send(0xF2, subset, p2, bytes.fromhex("4F00"))
            if sw == 0x6A88:
                return None
            if sw not in (0x9000, 0x6310):
                raise Refused("GET STATUS", sw)
            entries += [list(tlvs(value)) for tag, value in tlvs(data) if tag == "E3"]
            if sw == 0x9000:
                return entries
            p2 = 0x03

    def keys(self):
        """Key information template E0: (identifier, version) to (type, length)."""
        ((_, template),) = tlvs(self.must("GET DATA E0", 0xCA, 0x00, 0xE0))
        found = {}
        for _, entry in tlvs(template):
            kind, size = (entry[3], int.from_bytes(entry[4:6], "big")) if entry[2] == 0xFF else (entry[2], entry[3])
            found[entry[0], entry[1]] = (kind, size)
        return found

    # --- keys ---

    def key_block(self, kind, key, value=None):
        wrapped = self.wrapped(key)
        value = check_value(kind, key) if value is None else value
        return bytes([0x80 if kind == "DES" else 0x88, len(wrapped)]) + wrapped + lv(value)

    def wrapped(self, key):
        """Encrypted under the DEK; where it had to be padded, its clear length comes first (GPCS table 11-70)."""
        missing = -len(key) % (8 if self.channel.kind == "DES" else 16)
        clear_length = bytes([len(key)]) if missing else b""
        return clear_length + self.channel.sensitive(key + bytes(missing))

    def put_keys(self, kind, keys, version, replaces=0):
        """The card must echo version and check values."""
        blocks = b"".join(self.key_block(kind, keys[name]) for name in ("enc", "mac", "dek"))
        answer = self.must("PUT KEY", 0xD8, replaces, 0x81, bytes([version]) + blocks)
        expected = bytes([version]) + b"".join(check_value(kind, keys[name]) for name in ("enc", "mac", "dek"))
        must_equal("answer of PUT KEY", answer, expected)

    # --- content ---

    def install(self, package, module, instance, privileges, parameters=b"", p1=0x0C, token=None):
        fields = b"".join(map(lv, (package, module, instance, privileges, tlv("C9", parameters))))
        return self._with_token("INSTALL", 0xE6, p1, 0x00, fields, token)

    def load(self, package, domain, data_block, digest, dap=b"", token=None, size=200):
        fields = b"".join(map(lv, (package, domain, digest, b"")))
        self._with_token("INSTALL [for load]", 0xE6, 0x02, 0x00, fields, token)
        stream = dap + tlv("C4", data_block)
        blocks = [stream[at : at + size] for at in range(0, len(stream), size)]
        for number, block in enumerate(blocks):
            last = number == len(blocks) - 1
            answer = self.must("LOAD", 0xE8, 0x80 if last else 0x00, number & 0xFF, block)
        return answer

    def _with_token(self, what, ins, p1, p2, fields, sign):
        signature = b"" if sign is None else sign(bytes([p1, p2, len(fields)]) + fields)
        return self.must(what, ins, p1, p2, fields + lv(signature))

    def delete(self, aid, related=False, token=None):
        p2, data = 0x80 if related else 0x00, tlv("4F", aid)
        if token is not None:
            data += tlv("9E", token(bytes([0x00, p2, len(data)]) + data))
        return self.must("DELETE", 0xE4, 0x00, p2, data)

    def set_state(self, aid, state):
        self.must("SET STATUS", 0xF0, 0x40, state, aid)
