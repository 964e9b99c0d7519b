"""AES (FIPS 197), DES and triple DES (FIPS 46-3), CMAC (NIST SP 800-38B), retail MAC (ISO/IEC 9797-1 algorithm 3), from the ground:
no library is shared with the card that is judged by them."""


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))


def pad80(data, block):
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


# --- AES -------------------------------------------------------------------------------------------------------------


def _times(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _make_sbox():
    box = [0x63] * 256
    for value in range(1, 256):
        inverse = next(other for other in range(1, 256) if _times(value, other) == 1)
        turned = inverse
        for _ in range(4):
            inverse = (inverse << 1 | inverse >> 7) & 0xFF
            turned ^= inverse
        box[value] = turned ^ 0x63
    return box


SBOX = _make_sbox()
UNBOX = [SBOX.index(value) for value in range(256)]
TIMES = {factor: [_times(factor, value) for value in range(256)] for factor in (2, 3, 9, 11, 13, 14)}


class Aes:
    size = 16

    def __init__(self, key):
        words = [list(key[at : at + 4]) for at in range(0, len(key), 4)]
        length, constant = len(words), 1
        self.rounds = length + 6
        while len(words) < 4 * (self.rounds + 1):
            word = list(words[-1])
            if len(words) % length == 0:
                word = [SBOX[octet] for octet in word[1:] + word[:1]]
                word[0] ^= constant
                constant = _times(constant, 2)
            elif length == 8 and len(words) % length == 4:
                word = [SBOX[octet] for octet in word]
            words.append([a ^ b for a, b in zip(word, words[-length])])
        self.keys = [sum(words[at : at + 4], []) for at in range(0, len(words), 4)]

    def encrypt(self, block):
        state = xor(block, self.keys[0])
        for number in range(1, self.rounds + 1):
            state = [SBOX[state[(at + 4 * (at % 4)) % 16]] for at in range(16)]
            if number < self.rounds:
                state = _mixed(state, (2, 3, 1, 1))
            state = xor(state, self.keys[number])
        return bytes(state)

    def decrypt(self, block):
        state = xor(block, self.keys[-1])
        for number in range(self.rounds - 1, -1, -1):
            state = [UNBOX[state[(at - 4 * (at % 4)) % 16]] for at in range(16)]
            state = xor(state, self.keys[number])
            if number > 0:
                state = _mixed(state, (14, 11, 13, 9))
        return bytes(state)


def _mixed(state, row):
    mixed = []
    for column in range(0, 16, 4):
        for at in range(4):
            value = 0
            for factor, octet in zip(row[-at:] + row[:-at] if at else row, state[column : column + 4]):
                value ^= octet if factor == 1 else TIMES[factor][octet]
            mixed.append(value)
    return mixed


# --- DES -------------------------------------------------------------------------------------------------------------

IP = [at + 8 * (7 - row) for at in (1, 3, 5, 7, 0, 2, 4, 6) for row in range(8)]
E = [(4 * group + at - 1) % 32 for group in range(8) for at in range(6)]
P = [15, 6, 19, 20, 28, 11, 27, 16, 0, 14, 22, 25, 4, 17, 30, 9, 1, 7, 23, 13, 31, 26, 2, 8, 18, 12, 29, 5, 21, 10, 3, 24]
PC1 = [
    *(56, 48, 40, 32, 24, 16, 8, 0, 57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35),
    *(62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 60, 52, 44, 36, 28, 20, 12, 4, 27, 19, 11, 3),
]
PC2 = [
    *(13, 16, 10, 23, 0, 4, 2, 27, 14, 5, 20, 9, 22, 18, 11, 3, 25, 7, 15, 6, 26, 19, 12, 1),
    *(40, 51, 30, 36, 46, 54, 29, 39, 50, 44, 32, 47, 43, 48, 38, 55, 33, 52, 45, 41, 49, 35, 28, 31),
]
SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
BOXES = [
    "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
    "f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9",
    "a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c",
    "7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e",
    "2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453",
    "c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d",
    "4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c",
    "d2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b",
]
BOXES = [[[int(digit, 16) for digit in row] for row in box.split()] for box in BOXES]



def _bits(octets):
    return [octet >> (7 - at) & 1 for octet in octets for at in range(8)]


def _permuting(places, size):
    """Bit `at` of the answer is bit `places[at]` of a number of `size` bits, counted from the left: by tables of eight bits each."""
    tables = [[0] * 256 for _ in range(size // 8)]
    for at, place in enumerate(places):
        for value in range(256):
            if value >> (7 - place % 8) & 1:
                tables[place // 8][value] |= 1 << (len(places) - 1 - at)

    def permuted(number):
        out = 0
        for at, table in enumerate(tables):
            out |= table[number >> (size - 8 - 8 * at) & 0xFF]
        return out

    return permuted


def _substitution(box, number):
    """What a box makes of its six bits, already where P brings it."""
    permuted = _permuting(P, 32)
    row = lambda six: (six >> 4 & 2) | (six & 1)
    return [permuted(box[row(six)][six >> 1 & 15] << (28 - 4 * number)) for six in range(64)]


INITIAL, EXPANDED = _permuting(IP, 64), _permuting(E, 32)
FINAL = _permuting([IP.index(at) for at in range(64)], 64)
SUBSTITUTED = [_substitution(box, number) for number, box in enumerate(BOXES)]


class Des:
    size = 8

    def __init__(self, key):
        bits = [_bits(key)[at] for at in PC1]
        left, right = bits[:28], bits[28:]
        self.keys = []
        for shift in SHIFTS:
            left, right = left[shift:] + left[:shift], right[shift:] + right[:shift]
            self.keys.append(int("".join(str((left + right)[at]) for at in PC2), 2))

    def _through(self, block, keys):
        number = INITIAL(int.from_bytes(block, "big"))
        left, right = number >> 32, number & 0xFFFFFFFF
        for key in keys:
            wide, turned = EXPANDED(right) ^ key, 0
            for at, table in enumerate(SUBSTITUTED):
                turned |= table[wide >> (42 - 6 * at) & 63]
            left, right = right, left ^ turned
        return FINAL(right << 32 | left).to_bytes(8, "big")

    def encrypt(self, block):
        return self._through(block, self.keys)

    def decrypt(self, block):
        return self._through(block, self.keys[::-1])


class TripleDes:
    size = 8

    def __init__(self, key):
        self.one, self.two, self.three = Des(key[:8]), Des(key[8:16]), Des(key[16:24] or key[:8])

    def encrypt(self, block):
        return self.three.encrypt(self.two.decrypt(self.one.encrypt(block)))

    def decrypt(self, block):
        return self.one.decrypt(self.two.encrypt(self.three.decrypt(block)))


# --- modes -----------------------------------------------------------------------------------------------------------


def blocks(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def ecb(cipher, data):
    return b"".join(map(cipher.encrypt, blocks(data, cipher.size)))


def cbc(cipher, data, vector=None):
    out = [vector or bytes(cipher.size)]
    for block in blocks(data, cipher.size):
        out.append(cipher.encrypt(xor(block, out[-1])))
    return b"".join(out[1:])


def uncbc(cipher, data, vector=None):
    before, out = vector or bytes(cipher.size), []
    for block in blocks(data, cipher.size):
        out.append(xor(cipher.decrypt(block), before))
        before = block
    return b"".join(out)


def cmac(key, data):
    cipher = Aes(key)

    def doubled(block):
        value = int.from_bytes(block, "big") << 1
        return ((value ^ (0x87 if value >> 128 else 0)) & (1 << 128) - 1).to_bytes(16, "big")

    subkey = doubled(cipher.encrypt(bytes(16)))
    if not data or len(data) % 16:
        data, subkey = pad80(data, 16), doubled(subkey)
    return cbc(cipher, data[:-16] + xor(data[-16:], subkey))[-16:]


def retail_mac(key, data, vector=bytes(8)):
    """Over whole blocks: single DES, the last one triple."""
    one, two = Des(key[:8]), Des(key[8:16])
    return one.encrypt(two.decrypt(cbc(one, data, vector)[-8:]))


def check_value(kind, key):
    return ecb(Aes(key), b"\x01" * 16)[:3] if kind == "AES" else ecb(TripleDes(key), bytes(8))[:3]
