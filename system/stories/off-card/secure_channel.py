"""The off-card end of SCP02 (GPCS annex E) and SCP03 (Amendment D), written from the standards' words and checked against nothing
of the card's. Every cryptogram, pseudo-random challenge and response MAC is verified; what does not verify is an Alarm."""

from primitives import Aes, Des, TripleDes, cbc, cmac, ecb, pad80, retail_mac, uncbc


class Alarm(Exception):
    pass


def must_equal(what, said, computed):
    if said != computed:
        raise Alarm(f"{what}: the card says {said.hex()}, computed is {computed.hex()}")


class Scp02:
    """i: 10 ICV encryption, 20 R-MAC, 40 pseudo-random challenge; always three keys and explicit initiation."""

    name, kind = "02", "DES"

    def __init__(self, keys, host_challenge, answer, aid, option):
        self.option, self.counter = option, answer[12:14]
        self.card_challenge, cryptogram = answer[14:20], answer[20:28]
        derive = lambda key, constant: cbc(TripleDes(key), bytes.fromhex(constant) + self.counter + bytes(12))
        self.enc, self.mac = derive(keys["enc"], "0182"), derive(keys["mac"], "0101")
        self.rmac, self.dek = derive(keys["mac"], "0102"), derive(keys["dek"], "0181")
        if option & 0x40:
            expected = retail_mac(self.mac, pad80(aid, 8))[:6]
            must_equal("pseudo-random challenge", self.card_challenge, expected)
        together = host_challenge + self.counter + self.card_challenge
        must_equal("card cryptogram", cryptogram, self._cryptogram(together))
        self.host_cryptogram = self._cryptogram(self.counter + self.card_challenge + host_challenge)
        self.vector, self.response_vector, self.level = None, bytes(8), 0

    def _cryptogram(self, data):
        return cbc(TripleDes(self.enc), pad80(data, 8))[-8:]

    def external_authenticate(self, level):
        apdu = self._signed(0x84, 0x82, level, 0x00, self.host_cryptogram)
        self.level, self.response_vector = level, self.vector
        return apdu, b""

    def _signed(self, cla, ins, p1, p2, data):
        header = bytes([(cla & 0xFC) | 0x04, ins, p1, p2]) + _length(len(data) + 8)
        if self.vector is None:
            vector = bytes(8)
        else:
            vector = Des(self.mac[:8]).encrypt(self.vector) if self.option & 0x10 else self.vector
        self.vector = retail_mac(self.mac, pad80(header + data, 8), vector)
        return bytes([(cla & 0xFC) | 0x04, ins, p1, p2]), data, self.vector

    def wrap(self, cla, ins, p1, p2, data):
        if not self.level & 1:
            return bytes([cla, ins, p1, p2]), data, b""
        self.command = bytes([cla & 0xF8, ins, p1, p2]) + _length(len(data)) + data
        header, clear, mac = self._signed(cla, ins, p1, p2, data)
        if self.level & 2 and clear:
            clear = cbc(TripleDes(self.enc), pad80(clear, 8))
        return header, clear, mac

    def unwrap(self, data, sw):
        if not self.level & 0x10:
            return data
        answer, said = data[:-8], data[-8:]
        covered = self.command + bytes([len(answer) & 0xFF]) + answer + sw.to_bytes(2, "big")
        self.response_vector = retail_mac(self.rmac, pad80(covered, 8), self.response_vector)
        must_equal("R-MAC", said, self.response_vector)
        return answer

    def sensitive(self, data):
        return ecb(TripleDes(self.dek), data)


class Scp03:
    """i: 01 S16 mode, 10 pseudo-random challenge, 20 R-MAC, 60 R-MAC and R-ENCRYPTION."""

    name, kind = "03", "AES"

    def __init__(self, keys, host_challenge, answer, aid, option):
        said = answer[12]
        if said != option:
            raise Alarm(f"i={said:02X} in the answer, {option:02X} in the card recognition data")
        self.size = 16 if option & 1 else 8
        self.card_challenge = answer[13 : 13 + self.size]
        cryptogram = answer[13 + self.size : 13 + 2 * self.size]
        counter = answer[13 + 2 * self.size :]
        if len(counter) != (3 if option & 0x10 else 0):
            raise Alarm("the sequence counter is there exactly if the challenge is pseudo-random")
        self.bits, self.context = self.size * 8, host_challenge + self.card_challenge
        length = len(keys["enc"]) * 8
        if option & 0x10:
            expected = self._derive(keys["enc"], 0x02, self.bits, counter + aid)
            must_equal("pseudo-random challenge", self.card_challenge, expected)
        self.enc = self._derive(keys["enc"], 0x04, length)
        self.mac = self._derive(keys["mac"], 0x06, length)
        self.rmac = self._derive(keys["mac"], 0x07, length)
        self.dek = keys["dek"]
        must_equal("card cryptogram", cryptogram, self._derive(self.mac, 0x00, self.bits))
        self.host_cryptogram = self._derive(self.mac, 0x01, self.bits)
        self.chain, self.number, self.level = bytes(16), 0, 1

    def _derive(self, key, constant, bits, context=None):
        head = bytes(11) + bytes([constant, 0]) + bits.to_bytes(2, "big")
        out = b""
        while len(out) * 8 < bits:
            out += cmac(key, head + bytes([len(out) // 16 + 1]) + (self.context if context is None else context))
        return out[: bits // 8]

    def external_authenticate(self, level):
        header, data, mac = self._signed(0x84, 0x82, level, 0x00, self.host_cryptogram)
        self.level = level
        return (header, data, mac), b""

    def _signed(self, cla, ins, p1, p2, data):
        header = bytes([(cla & 0xF0) | 0x04, ins, p1, p2])
        self.chain = cmac(self.mac, self.chain + header + _length(len(data) + self.size) + data)
        return header, data, self.chain[: self.size]

    def wrap(self, cla, ins, p1, p2, data):
        self.number += 1
        if not self.level & 1:
            return bytes([cla, ins, p1, p2]), data, b""
        if self.level & 2 and data:
            data = cbc(Aes(self.enc), pad80(data, 16), self._vector(0x00))
        return self._signed(cla, ins, p1, p2, data)

    def _vector(self, first):
        return Aes(self.enc).encrypt(bytes([first]) + self.number.to_bytes(15, "big"))

    def unwrap(self, data, sw):
        if not self.level & 0x10 or (sw != 0x9000 and sw >> 8 not in (0x62, 0x63)):
            if data and sw != 0x9000 and sw >> 8 not in (0x62, 0x63):
                raise Alarm("an error has data")
            return data
        answer, said = data[: -self.size], data[-self.size :]
        must_equal("R-MAC", said, cmac(self.rmac, self.chain + answer + sw.to_bytes(2, "big"))[: self.size])
        if self.level & 0x20 and answer:
            padded = uncbc(Aes(self.enc), answer, self._vector(0x80))
            answer, _, rest = padded.rpartition(b"\x80")
            if rest.strip(b"\0"):
                raise Alarm("the padding of the response is wrong")
        return answer

    def sensitive(self, data):
        return cbc(Aes(self.dek), data)


def _length(length):
    return bytes([length]) if length < 256 else b"\0" + length.to_bytes(2, "big")


def levels_of(protocol, option):
    """The levels that a protocol with these options offers; this card gives R-MAC under SCP02 whatever i says."""
    levels = [0x00, 0x01, 0x03]
    if protocol == "02" or option & 0x20:
        levels += [0x11, 0x13]
    if protocol == "03" and option & 0x60 == 0x60:
        levels += [0x33]
    return levels


