/** The JPKI card application's commands as public clients send them; the transcript is OpenSC 0.23's. */
import assert from 'node:assert/strict'
import { createHash, verify } from 'node:crypto'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { TestCard } from './card.ts'
import { caCertificate, userCertificate, userPublicKey } from './keys.ts'
import { configuration, newCard, readyCard, send } from './tsm.ts'

const goodPin = '0020008004 31323334'
const badPin = '0020008004 39393939'
const digestInfo = (digest: Uint8Array) => `3031300d060960864801650304020105000420${digest.toHex()}`
const message = new TextEncoder().encode('利用者証明')
const digest = new Uint8Array(createHash('sha256').update(message).digest())

/** Sends the commands one after the other; each with the answer that must come. */
function transcript(card: TestCard, lines: string): void {
  for (const line of lines.trim().split('\n')) {
    const [command = '', answer = ''] = line.split('->').map((part) => part.replaceAll(' ', ''))
    assert.equal(card.command(command), answer, line)
  }
}

/** As OpenSC reads a certificate: the header, then 256 octets at a time. */
function readFile(card: TestCard, identifier: string): string {
  assert.equal(card.command(`00A4020C02${identifier}`), '9000')
  const head = card.command('00B0000004')
  const length = Number.parseInt(head.slice(4, 8), 16) + 4
  let read = ''
  while (read.length / 2 < length) {
    const offset = read.length / 2
    const le = Math.min(256, length - offset) & 0xff
    const answer = card.command(`00B0${offset.toString(16).padStart(4, '0')}${le.toString(16).padStart(2, '0')}`)
    assert.match(answer, /9000$/)
    read += answer.slice(0, -4)
  }
  return read
}

describe('the applet as OpenSC meets it', () => {
  let card: TestCard
  before(async () => {
    card = await readyCard()
  })

  it('binds: both PIN files tell their tries', () => {
    transcript(
      card,
      `00A4020C02 0018 -> 9000
       00200080        -> 63C3
       00A4020C02 001B -> 9000
       00200080        -> 63C0`,
    )
  })

  it('gives the certificate and its CA, and has no sign certificate', () => {
    assert.equal(readFile(card, '000A'), userCertificate.toHex().toUpperCase())
    assert.equal(readFile(card, '000B'), caCertificate.toHex().toUpperCase())
    for (const absent of ['0001', '0002', '001A', '3F00', '2F00'])
      assert.equal(card.command(`00A4020C02${absent}`), '6A82')
  })

  it('signs after the PIN, and not before', () => {
    transcript(card, `00A4020C02 0017 -> 9000\n 802A008033 ${digestInfo(digest)} 00 -> 6982`)
    transcript(
      card,
      `00A4020C02 0018 -> 9000
       00200080        -> 63C3
       00A4020C02 0018 -> 9000
       ${goodPin}      -> 9000
       00200080        -> 63C3
       00A4020C02 0017 -> 9000`,
    )
    const answer = card.command(`802A008033${digestInfo(digest)}00`)
    assert.match(answer, /9000$/)
    assert.ok(verify('sha256', message, userPublicKey, Uint8Array.fromHex(answer.slice(0, -4))))
  })

  it('refuses what other drivers probe for', () => {
    for (const probe of ['00CADF3005', '00CB3FFF035C017E08', '0088008000', '80500000080102030405060708'])
      assert.match(card.command(probe), /^6[DE]00$/)
  })
})

describe('the PIN', () => {
  it('is counted down, restored by the right one, and blocks for good', async () => {
    const card = await readyCard()
    transcript(
      card,
      `00A4020C02 0018 -> 9000
       ${badPin} -> 63C2
       ${badPin} -> 63C1
       00200080  -> 63C1
       ${goodPin} -> 9000
       00200080  -> 63C3
       ${badPin} -> 63C2
       00200080053132333435 -> 63C1
       ${badPin} -> 63C0
       00200080  -> 63C0
       ${goodPin} -> 6984
       00200080  -> 63C0`,
    )
    assert.equal(card.command('00A4020C020017'), '9000')
    assert.equal(card.command(`802A008033${digestInfo(digest)}00`), '6982')
  })

  it('ends its session with a wrong try, a deselection and a reset', async () => {
    const card = await readyCard()
    const sign = () => card.command(`802A009733${digestInfo(digest)}00`).slice(-4)
    for (const end of [() => card.command('002000980439393939'), () => card.deselect(), () => card.reset()]) {
      assert.equal(card.command('002000980431323334'), '9000')
      assert.equal(sign(), '9000')
      assert.equal(sign(), '9000')
      end()
      assert.equal(sign(), '6982')
    }
  })

  it('is changed after VERIFY of the old one', async () => {
    const card = await readyCard()
    assert.equal(card.command('002401980435363738'), '6982')
    assert.equal(card.command('002000980431323334'), '9000')
    for (const wrong of ['05 3536373839', '04 41424344', '03 353637'])
      assert.equal(card.command(`00240198${wrong}`), '6A80')
    assert.equal(card.command('002401980435363738'), '9000')
    card.reset()
    assert.equal(card.command('002000980431323334'), '63C2')
    assert.equal(card.command('002000980435363738'), '9000')
  })

  it('is named by its file or its short identifier, and by nothing else', async () => {
    const card = await readyCard()
    transcript(
      card,
      `00200080 -> 6986
       00200098 -> 63C3
       0020009B -> 63C0
       0020009B06414243313233 -> 6984
       00200097 -> 6981
       0020009A -> 6A88
       00200000 -> 6A86
       00200198 -> 6A86
       0020009811${'31'.repeat(17)} -> 6700`,
    )
  })
})

describe('reading and signing', () => {
  it('reads by short identifier, with extended Le, up to the end and not past it', async () => {
    const card = await readyCard()
    const whole = userCertificate.toHex().toUpperCase()
    assert.equal(card.command('00B08A00000000'), `${whole}9000`)
    assert.equal(card.command('00B0000007'), `${whole.slice(0, 14)}9000`)
    const last = (userCertificate.length - 1).toString(16).padStart(4, '0')
    assert.equal(card.command(`00B0${last}00`), `${whole.slice(-2)}9000`)
    assert.equal(card.command(`00B0${userCertificate.length.toString(16).padStart(4, '0')}00`), '6B00')
    transcript(card, '00B08100 00 -> 6A82\n 00B09700 00 -> 6981\n 00B0C000 00 -> 6A86\n 00B08A00 -> 6700')
  })

  it('tells its token and what it holds', async () => {
    const card = await readyCard()
    assert.equal(card.command('00A4020C020006'), '9000')
    const token = Uint8Array.fromHex(card.command('00B0000000').slice(0, -4))
    assert.equal(token.length, 160)
    assert.equal(new TextDecoder().decode(token.subarray(0, 32)), 'JPKIAPUICCTOKEN'.padEnd(32))
    assert.equal(card.command('00B0880000'), '008F009000')
  })

  it('holds the certificate back until the PIN where it was configured so', async () => {
    const card = await readyCard()
    assert.equal(send(card, 'configuration', configuration(1)).sw, '9000')
    assert.equal(card.command('00B08A0004'), '6982')
    assert.match(card.command('00B08B0004'), /9000$/)
    assert.equal(card.command('002000980431323334'), '9000')
    assert.match(card.command('00B08A0004'), /9000$/)
  })

  it('pads, wraps or hashes as P1 says', async () => {
    const card = await readyCard()
    assert.equal(card.command('002000980431323334'), '9000')
    const lc = (hex: string) => (hex.length / 2).toString(16).padStart(2, '0')
    const sign = (p1: string, hex: string) => card.command(`802A${p1}97${lc(hex)}${hex}00`)
    for (const [form, hex] of [
      ['00', digestInfo(digest)],
      ['02', digest.toHex()],
      ['03', message.toHex()],
    ] as const) {
      const signature = Uint8Array.fromHex(sign(form, hex).slice(0, -4))
      assert.ok(verify('sha256', message, userPublicKey, signature), form)
    }
    assert.equal(sign('01', message.toHex()), sign('00', digest.toHex()))
    assert.match(sign('00', 'ab'.repeat(245)), /9000$/)
    assert.equal(sign('00', 'ab'.repeat(246)), '6985')
    assert.equal(sign('02', 'ab'.repeat(31)), '6985')
    assert.equal(card.command('802A009700'), '6985')
    for (const form of ['04', '05', '9E']) assert.equal(sign(form, digest.toHex()), '6A86')
    assert.equal(card.command('802A009A01AA00'), '6A88')
    assert.equal(card.command('802A009801AA00'), '6981')
    assert.equal(card.command('002A009701AA00'), '6E00')
  })

  it('gives challenges of 1 to 256 octets', async () => {
    const card = await readyCard()
    assert.equal(card.command('0084000001').length, 2 + 4)
    assert.equal(card.command('0084000000').length, 512 + 4)
    assert.equal(card.command('00840000'), '6700')
    assert.equal(card.command('00840000000101'), '6700')
  })
})

describe('before the delivery', () => {
  it('has its PIN files without a try, and neither key nor certificates', () => {
    transcript(
      newCard(),
      `00A4020C02 0018 -> 9000
       00200080        -> 63C0
       ${goodPin}      -> 6984
       00240180 04 31323334 -> 6982
       00A4020C02 001B -> 9000
       00A4020C02 0017 -> 6A82
       00A4020C02 000A -> 6A82
       00B08B0000      -> 6A82
       802A009701AA00  -> 6A88
       00B0880000      -> 0000009000`,
    )
  })
})

describe('any command', () => {
  it('is answered with a status word', async () => {
    const cards = [newCard(), await readyCard()]
    const octet = fc.nat(255)
    const header = fc.oneof(
      fc.tuple(octet, octet, octet, octet),
      fc.tuple(fc.constantFrom(0, 0x80), fc.constantFrom(0x20, 0x24, 0x2a, 0x84, 0xa4, 0xb0), octet, octet),
    )
    fc.assert(
      fc.property(fc.constantFrom(...cards), header, fc.uint8Array({ maxLength: 60 }), (card, start, data) => {
        const body = data.length === 0 ? '' : data.length.toString(16).padStart(2, '0') + data.toHex()
        assert.match(card.command(`${Uint8Array.from(start).toHex()}${body}00`), /(9000|6[37-9A-F][0-9A-F]{2})$/)
      }),
      { numRuns: 300 },
    )
  })
})
