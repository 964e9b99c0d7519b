/** On whose word SP-TSM goes on: the CASD's, or its own after the applet's MAC. Answers are changed on their way, as where a channel has no R-MAC. */
import assert from 'node:assert/strict'
import { createECDH, createHmac, randomBytes, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { securityLevels } from '@mobile-jpki/globalplatform'
import {
  type AttestedPurpose,
  appletInstance,
  attestationIn,
  CasdAttestation,
  CasdCertificate,
  casdAttestationToSign,
  casdKeyUsage,
  casdStatementToSign,
  flawOfAttestation,
  iccidOctets,
  p256Reference,
  VouchedAnswer,
  VouchedRequest,
  vouchedToSign,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import fc from 'fast-check'
import { type AttestedGrouping, attested } from '../attestation.ts'
import { signingPair } from './signing-pair.ts'

const iccid = '8981200022152967705'
const [authority, casd, spTsm] = [signingPair(), signingPair(), signingPair()]
/** SHA-256 of the load file of the applet that is given out. */
const genuine = new Uint8Array(32).fill(0xa7)
const context = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId: 'order-1' }
const point = new Uint8Array(createECDH('prime256v1').generateKeys())
const purposes = { envelopeKey: 'envelopeKey', onCardKey: 'userAuthenticationKey', wipe: 'deletion' } as const

const drawn: Uint8Array[] = []
const world = {
  casdAuthorities: [authority.point],
  applets: [genuine],
  voucherKey: { point: spTsm.point, sign: async (octets: Uint8Array) => spTsm.sign(octets) },
  random: (length: number) => {
    const octets = new Uint8Array(randomBytes(length))
    drawn.push(octets.slice())
    return octets
  },
  now: () => new Date('2026-04-01T00:00:00Z'),
}

const certificate = (() => {
  const statement = {
    serialNumber: Uint8Array.of(1),
    caIdentifier: Uint8Array.of(0x4d),
    subject: iccidOctets(iccid),
    keyUsage: casdKeyUsage,
    effectiveDate: '20200101',
    expirationDate: '20991231',
    publicKey: { point: casd.point, parameters: p256Reference },
  }
  return CasdCertificate.encode({ ...statement, signature: authority.sign(casdStatementToSign(statement)) })
})()

/** What an applet answers, by what it is asked: with a CASD to the order's id, without one to a vouching key. */
const applets = {
  casd: (purpose: AttestedPurpose, key: Uint8Array) =>
    CasdAttestation.encode({
      publicKey: key,
      signature: casd.sign(casdAttestationToSign(purpose, key, context, genuine)),
      certificate,
    }),
  voucher: (purpose: AttestedPurpose, key: Uint8Array, asked: Uint8Array) => {
    const { orderId, vouchingKey } = VouchedRequest.decode(asked)
    assert.equal(new TextDecoder().decode(orderId), 'order-1')
    const mac = createHmac('sha256', vouchingKey)
      .update(vouchedToSign(purpose, key, context))
      .digest()
    return VouchedAnswer.encode({ publicKey: key, mac: new Uint8Array(mac) })
  },
} as const

interface Way {
  readonly by: keyof typeof applets
  /** What the carrier said; the applet's kind if not said. */
  readonly said?: keyof typeof applets
  readonly grouping?: AttestedGrouping
  readonly level?: number
  /** On the way back. */
  readonly changed?: (answer: Uint8Array) => Uint8Array
}

function ask({ by, said = by, grouping = 'envelopeKey', level = 0x33, changed = (answer) => answer }: Way) {
  const key = grouping === 'wipe' ? new Uint8Array() : point
  const asking = {
    channel: { level: level as 0x33 },
    instanceAid: appletInstance,
    about: 'order-1',
    write: async (_: unknown, value: Uint8Array) => changed(applets[by](purposes[grouping], key, value)),
  }
  return attested(world, { attestedBy: said, form: { iccid } as never }, asking, grouping)
}

const refusedWith = (code: string, detail?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (detail === undefined || detail.test(error.message))

describe('what the applet says of its key', () => {
  it('is handed on as its CASD said it', async () => {
    for (const grouping of ['envelopeKey', 'onCardKey', 'wipe'] as const) {
      const attestation = attestationIn(await ask({ by: 'casd', grouping })) ?? assert.fail('no attestation')
      const trust = { attestedBy: 'casd', authorities: [authority.point], applets: [genuine] } as const
      assert.equal(await flawOfAttestation(attestation, purposes[grouping], context, trust, world.now()), undefined)
    }
  })
  it('is vouched for where the SIM has no CASD, by a signature that OpenSSL verifies', async () => {
    for (const grouping of ['envelopeKey', 'wipe'] as const) {
      const attestation = attestationIn(await ask({ by: 'voucher', grouping })) ?? assert.fail('no voucher')
      const trust = { attestedBy: 'voucher', voucherKeys: [spTsm.point] } as const
      assert.equal(await flawOfAttestation(attestation, purposes[grouping], context, trust, world.now()), undefined)
      const said = Buffer.concat([
        Buffer.from('mobile-jpki/voucher/1'),
        vouchedToSign(purposes[grouping], attestation.publicKey, context),
      ])
      assert.ok(verify('sha256', said, { key: spTsm.publicKey, dsaEncoding: 'ieee-p1363' }, attestation.signature))
    }
  })
  it('is asked under another vouching key each time', async () => {
    drawn.length = 0
    for (let time = 0; time < 3; time++) await ask({ by: 'voucher' })
    assert.equal(new Set(drawn.map((key) => key.toHex())).size, 3)
    assert.ok(drawn.every(({ length }) => length === 32))
  })
  it('changed in any bit on its way back is noticed, with and without a CASD', async () => {
    for (const by of ['casd', 'voucher'] as const)
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (any) => {
          const changed = (answer: Uint8Array) => {
            const bit = any % (answer.length * 8)
            return answer.with(bit >> 3, (answer[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
          }
          await assert.rejects(ask({ by, changed }), refusedWith('sim.attestation-invalid'))
        }),
        { numRuns: 150 },
      )
  })
  it('cut, empty or made by somebody on the way is noticed', async () => {
    const forged = VouchedAnswer.encode({ publicKey: point, mac: new Uint8Array(32) })
    const wrong = [(answer: Uint8Array) => answer.slice(0, -1), () => new Uint8Array(), () => forged]
    for (const by of ['casd', 'voucher'] as const)
      for (const changed of wrong) await assert.rejects(ask({ by, changed }), refusedWith('sim.attestation-invalid'))
  })
  it('is believed of a CASD where the carrier says that there is one, and of none where it says that there is none', async () => {
    const vouched = VouchedAnswer.encode({ publicKey: point, mac: new Uint8Array(32) })
    await assert.rejects(ask({ by: 'casd', changed: () => vouched }), refusedWith('sim.attestation-invalid', /format/))
    await assert.rejects(ask({ by: 'casd', said: 'voucher' }), refusedWith('sim.attestation-invalid', /format/))
  })
  it('is not asked for at all over a channel that does not encrypt', async () => {
    drawn.length = 0
    for (const level of [securityLevels.none, securityLevels['C-MAC'], securityLevels['C-MAC, R-MAC']])
      await assert.rejects(ask({ by: 'voucher', level }), refusedWith('sim.not-eligible', /encrypt/))
    assert.deepEqual(drawn, [])
    for (const level of [0x03, 0x13, 0x33]) await ask({ by: 'voucher', level })
  })
  it('is not asked of a key made on card where nobody attests it', () =>
    assert.rejects(ask({ by: 'voucher', grouping: 'onCardKey' }), refusedWith('sim.not-eligible', /on|made/)))
})
