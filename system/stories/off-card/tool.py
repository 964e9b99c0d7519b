"""A tool that knows nothing of this project: works on a card in a PC/SC reader, checks all that it is told, and says as JSON what it saw.

    tool.py READER < task.json        the task has the issuer's keys and a load file
"""

import hashlib
import json
import os
import sys

from card_manager import ISSUER, MODULE, PACKAGE, CardManager, Refused, tlv, tlvs
from primitives import check_value
from secure_channel import Alarm, levels_of, must_equal
from signatures import check_receipt, signer
from smartcard.System import readers

DOMAIN, ANOTHER = bytes.fromhex("D27600018502"), bytes.fromhex("D2760001850101")
OWN_VERSION = {"02": 0x2A, "03": 0x3A}


class Task:
    def __init__(self, task):
        self.issuer, self.package = task["issuer"], task.get("package")
        self.sets = [
            (
                {name: bytes.fromhex(one[name]["key"]) for name in ("enc", "mac", "dek")},
                int(one["keyVersion"], 16),
                f"{one['scp']:02}",
                int(one["i"], 16),
            )
            for one in self.issuer["keySets"]
        ]
        for one in self.issuer["keySets"]:
            for name in ("enc", "mac", "dek"):
                value = check_value("DES" if one["scp"] == 2 else "AES", bytes.fromhex(one[name]["key"]))
                must_equal(f"check value of {name}", bytes.fromhex(one[name]["checkValue"]), value)

    @property
    def front(self):
        """The first key set, at the highest level that it offers."""
        keys, version, scp, option = self.sets[0]
        return keys, version, levels_of(scp, option)[-1]

    @property
    def protocol(self):
        return self.sets[0][2], self.sets[0][3]

    def new_keys(self):
        size = len(self.sets[0][0]["enc"])
        return {name: os.urandom(size) for name in ("enc", "mac", "dek")}

    @property
    def kind(self):
        return "DES" if self.protocol[0] == "02" else "AES"


def refused(sw, work, *arguments):
    try:
        work(*arguments)
    except Refused as refusal:
        if refusal.sw == sw:
            return f"{sw:04X}"
        raise Alarm(f"{refusal.sw:04X} instead of {sw:04X}") from refusal
    raise Alarm(f"accepted instead of {sw:04X}")


def survey(card, task):
    """Every key set at every level that it offers, and at none other; the registry through each."""
    seen = {"select": card.select().hex().upper(), "sessions": [], "refused": []}
    for keys, version, scp, option in task.sets:
        for level in levels_of(scp, option):
            card.open(ISSUER, keys, version, level)
            registry = {f"{subset:02X}": card.registry(subset) for subset in (0x80, 0x40, 0x20, 0x10)}
            keys_listed = card.keys()
            for number, name in ((1, "enc"), (2, "mac"), (3, "dek")):
                if keys_listed.get((number, version)) != (0x80 if scp == "02" else 0x88, len(keys[name])):
                    raise Alarm(f"key {number} of version {version:02X} is not listed as it is")
            _, sw = card.send(0xF2, 0x40, 0x02, tlv("4F", bytes.fromhex("A0A1A2A3A4")))
            if sw != 0x6A88:
                raise Alarm(f"GET STATUS for nothing: {sw:04X}")
            seen["sessions"].append(f"SCP{scp} i={option:02X} level {level:02X}")
        for level in sorted({0x10, 0x11, 0x13, 0x33, 0x23, 0x30} - set(levels_of(scp, option))):
            seen["refused"].append(refused(0x6A86, card.open, ISSUER, keys, version, level))
        wrong = {name: bytes(len(key)) for name, key in keys.items()}
        try:
            card.open(ISSUER, wrong, version, 0x01)
            raise AssertionError("opened with wrong keys")
        except Alarm:
            pass
    card.open(ISSUER, *task.front)
    card.select()
    _, sw = card.plain(0x80, 0xF2, 0x40, 0x02, bytes.fromhex("4F00"))
    if sw != 0x6982:
        raise Alarm(f"the session outlived SELECT: {sw:04X}")
    seen["registry"] = {subset: [dict(entry) for entry in entries or []] for subset, entries in registry.items()}
    return seen


def make_domain(card, task, aid, privileges="800000"):
    """A supplementary security domain as GlobalPlatformPro makes one, with own keys in it."""
    scp, option = task.protocol
    parameters = tlv("81", bytes([int(scp), option])) + bytes.fromhex("820220208302202087022020")
    card.install(PACKAGE, MODULE, aid, bytes.fromhex(privileges), parameters)
    card.open(aid, *task.front)
    keys = task.new_keys()
    card.put_keys(task.kind, keys, OWN_VERSION[scp])
    return keys


def state_of(card, aid):
    for entry in card.registry(0x40) or []:
        entry = dict(entry)
        if entry["4F"] == aid:
            return entry["9F70"].hex().upper()
    return None


def domains(card, task):
    """Security domains from their making to their end: keys by PUT KEY and by STORE DATA, locked, unlocked, deleted."""
    scp, option = task.protocol
    seen = {"levels": []}
    card.open(ISSUER, *task.front)
    keys = make_domain(card, task, DOMAIN)
    for level in levels_of(scp, option):
        card.open(DOMAIN, keys, OWN_VERSION[scp], level)
        seen["levels"].append(f"{level:02X}")
    seen["issuer's keys"] = refused(0x6A88, card.open, DOMAIN, *task.front)

    card.open(DOMAIN, keys, OWN_VERSION[scp], task.front[2])
    wrong = bytes([OWN_VERSION[scp] + 1]) + card.key_block(task.kind, task.new_keys()["enc"], bytes(3))
    seen["wrong check value"] = f"{card.send(0xD8, 0x00, 0x01, wrong)[1]:04X}"
    other = task.new_keys()
    card.put_keys(task.kind, other, OWN_VERSION[scp], OWN_VERSION[scp])
    card.open(DOMAIN, other, OWN_VERSION[scp], task.front[2])
    modulus = bytes([0xC1]) + os.urandom(254) + b"\x01"
    rsa = b"\x73" + tlv("A1", modulus) + tlv("A0", bytes.fromhex("010001")) + b"\0"
    must_equal("answer of a long PUT KEY", card.must("PUT KEY", 0xD8, 0x00, 0x01, rsa), b"\x73")
    seen["long key"] = card.keys()[1, 0x73]

    card.open(ISSUER, *task.front)
    by_dgi = personalize(card, task, ANOTHER)
    card.open(ANOTHER, by_dgi, OWN_VERSION[scp], task.front[2])

    card.open(ISSUER, *task.front)
    seen["made"] = [state_of(card, DOMAIN), state_of(card, ANOTHER)]
    card.set_state(DOMAIN, 0x80)
    seen["locked"] = state_of(card, DOMAIN)
    seen["select locked"] = refused(0x6A82, card.select, DOMAIN)
    card.open(ISSUER, *task.front)
    card.set_state(DOMAIN, 0x00)
    card.open(DOMAIN, other, OWN_VERSION[scp], task.front[2])

    card.open(ISSUER, *task.front)
    card.must("SET STATUS", 0xF0, 0x80, 0x7F, b"")
    seen["card locked"] = refused(0x6A82, card.select, DOMAIN)
    _, sw = card.plain(0x00, 0xA4, 0x04, 0x00, ISSUER)
    seen["select issuer"] = f"{sw:04X}"
    card.open(ISSUER, *task.front, select=False)
    card.must("SET STATUS", 0xF0, 0x80, 0x0F, b"")

    card.open(ISSUER, *task.front)
    seen["delete nothing"] = f"{card.send(0xE4, 0x00, 0x00, tlv('4F', bytes.fromhex('A0A1A2A3A4')))[1]:04X}"
    seen["delete no key"] = f"{card.send(0xE4, 0x00, 0x00, bytes.fromhex('D2017E'))[1]:04X}"
    for aid in (DOMAIN, ANOTHER):
        card.delete(aid)
    seen["left"] = [state_of(card, aid) for aid in (DOMAIN, ANOTHER)]
    return seen


def personalize(card, task, aid):
    """INSTALL [for personalization] and STORE DATA of DGIs 00B9 and 8113, GPCS §11.11.2."""
    scp, option = task.protocol
    keys, kind = task.new_keys(), task.kind
    parameters = tlv("81", bytes([int(scp), option])) + bytes.fromhex("8202202087022020")
    card.install(PACKAGE, MODULE, aid, bytes.fromhex("80"), parameters)
    card.must("INSTALL [for personalization]", 0xE6, 0x20, 0x00, bytes.fromhex("0000") + bytes([len(aid)]) + aid + bytes(3))
    size, tag = len(keys["enc"]), "80" if kind == "DES" else "88"
    purpose = bytes.fromhex("0003" if scp == "03" else "0002")
    version = bytes([OWN_VERSION[scp]])
    common = tlv("80", bytes.fromhex(tag)) + tlv("81", bytes([size])) + tlv("83", version) + tlv("96", b"\x01") + tlv("97", purpose)
    names = ("enc", "mac", "dek")
    references = [tlv("B9", tlv("82", bytes([at + 1])) + tlv("84", check_value(kind, keys[name]))) for at, name in enumerate(names)]
    described = tlv("B7", common) + b"".join(references)
    stream = bytes.fromhex("00B9") + bytes([len(described)]) + described
    for name in names:
        wrapped = card.wrapped(keys[name])
        stream += bytes.fromhex("8113") + bytes([len(wrapped)]) + wrapped
    card.must("STORE DATA", 0xE2, 0xE8, 0x00, stream)
    return keys


def content(card, task):
    """A load file as the carrier's way of management has it: under DAP, by tokens with receipts, or by the domain itself."""
    package, module = bytes.fromhex(task.package["aid"]), bytes.fromhex(task.package["module"])
    data_block, instance = bytes.fromhex(task.package["dataBlock"]), package + b"\xaa"
    digest = hashlib.sha256(data_block).digest()
    token_key, receipt_key, dap_key = (task.issuer.get(name) for name in ("tokenKey", "receiptKey", "dapKey"))
    seen = {"refused": [], "receipts": 0}
    card.open(ISSUER, *task.front)
    unique = b"".join(value for name in ("42", "45") for _, value in tlvs(card.must("GET DATA", 0xCA, 0x00, int(name, 16))))

    model = task.package["management"]
    privileges = {"simple": "800000", "delegated": "A00000", "authorized": "804000"}[model]
    keys = make_domain(card, task, DOMAIN, privileges)
    if model == "simple":
        card.open(ISSUER, *task.front)
    else:
        card.open(DOMAIN, keys, OWN_VERSION[task.protocol[0]], task.front[2])
    token = signer(token_key["algorithm"], token_key["privateKey"]) if model == "delegated" else None
    owner = ISSUER if model == "simple" else DOMAIN

    def confirmed(answer, *context):
        if model != "delegated":
            must_equal("confirmation", answer, b"\0")
            return
        seen["receipts"] += 1
        kind = "DES" if receipt_key["algorithm"] == "des" else "AES"
        check_receipt(kind, bytes.fromhex(receipt_key["key"]), answer, seen["receipts"], unique, *context)

    dap = b""
    if dap_key is not None:
        seen["refused"].append(refused(0x6985, card.load, package, owner, data_block, digest, b"", token))
        signature = signer(dap_key["algorithm"], dap_key["privateKey"])(digest)
        dap = tlv("E2", tlv("4F", bytes.fromhex(dap_key["securityDomain"])) + tlv("C3", signature))
    if token is not None:
        seen["refused"].append(refused(0x6985, card.load, package, owner, data_block, digest, dap, None))
    seen["refused"].append(refused(0x6A80, card.load, package, owner, data_block + b"\0", digest, dap, token))

    confirmed(card.load(package, owner, data_block, digest, dap, token), package, owner)
    confirmed(card.install(package, module, instance, b"\0", token=token), package, instance)
    seen["installed"] = state_of(card, instance)
    seen["answer of SELECT"] = card.select(instance).hex().upper()
    reopen = lambda: card.open(owner, *(task.front if owner == ISSUER else (keys, OWN_VERSION[task.protocol[0]], task.front[2])))
    reopen()
    card.set_state(instance, 0x87)
    seen["locked"] = refused(0x6A82, card.select, instance)
    reopen()
    card.set_state(instance, 0x07)
    confirmed(card.delete(instance, token=token), instance)
    confirmed(card.delete(package, token=token), package)
    card.open(ISSUER, *task.front)
    card.delete(DOMAIN)
    seen["left"] = [state_of(card, aid) for aid in (instance, DOMAIN)]
    return seen


def connected(name):
    (reader,) = [one for one in readers() if str(one).startswith(name)]
    connection = reader.createConnection()
    connection.connect()

    def transmit(apdu):
        data, sw1, sw2 = connection.transmit(list(apdu))
        return bytes(data) + bytes([sw1, sw2])

    return transmit


def main():
    _, reader = sys.argv
    task, card = Task(json.load(sys.stdin)), CardManager(connected(reader))
    seen = {work.__name__: work(card, task) for work in (survey, domains, content)}
    json.dump(seen, sys.stdout, default=lambda octets: octets.hex().upper())


if __name__ == "__main__":
    main()
