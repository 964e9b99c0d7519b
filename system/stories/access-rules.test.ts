/** The SIM says which app may use which of its applications, and the phone keeps to it: the real card in the real phone. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import {
  type AccessRule,
  type ApduAccess,
  accessRuleApplication,
  deviceApplicationOf,
  InstallForPersonalization,
  StoreAccessRule,
  StoreData,
} from '@mobile-jpki/globalplatform'
import type { Card } from '@mobile-jpki/iso7816'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { memoryNvm } from '@mobile-jpki/nvm'
import { closeChannel, openChannel, transmit } from '@mobile-jpki/phone/contract'
import { start } from '@mobile-jpki/phone/main'
import { Refusal } from '@mobile-jpki/refusal'
import { instruct } from '@mobile-jpki/seram'
import { call, type Peer } from '@mobile-jpki/service'
import { manufacture, openSim } from '@mobile-jpki/sim'
import { aids, type KeySet } from '@mobile-jpki/sim/contract'
import { channelTo } from './stage/carrier.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const folder = await mkdtemp(join(tmpdir(), 'jpki-access-'))
after(() => rm(folder, { recursive: true }))
const { serviceCa } = await openServiceCertificates(join(folder, 'ca'), () => new Date())

/** The app is the one that this key signs. */
const signer = Uint8Array.of(4, ...new Uint8Array(64).fill(7))
const stranger = Uint8Array.of(4, ...new Uint8Array(64).fill(8))
const target = bytes(aids.issuerSecurityDomain)
const rule = (point: Uint8Array, apdu: ApduAccess = 'always', application = target): AccessRule => ({
  reference: { application, device: deviceApplicationOf(point) },
  access: { apdu },
})

const iccid = bytes('89810000000000000019')
const key = (octet: number) => new Uint8Array(16).fill(octet)
const keySet: KeySet = { scp: 3, i: 0x70, keyVersion: 0x30, enc: key(1), mac: key(2), dek: key(3) }
function simWith(accessRules?: readonly AccessRule[], highestChannel = 3) {
  const nvm = memoryNvm()
  const profile = { highestChannel }
  manufacture(nvm, {
    iccid,
    iin: bytes('8981'),
    cin: iccid,
    kdd: iccid,
    keySets: [keySet],
    profile,
    ...(accessRules && { accessRules }),
  })
  return openSim({ nvm })
}

let phones = 0
async function inPhone(sim: Card, work: (app: App) => Promise<void>): Promise<void> {
  const phone = await start(
    {
      dataDirectory: join(folder, `phone-${++phones}`),
      port: 0,
      device: { model: 'Phone 1', os: 'Android 6', carrier: 'A', msisdn: '09000000001' },
      spTsm: 'https://127.0.0.1:1',
      appProvider: 'https://127.0.0.1:1',
      appProviderPoint: signer.toBase64(),
      casdAuthorities: [signer.toBase64()],
      applets: [new Uint8Array(32).toBase64()],
      serviceCa,
    },
    { sim },
  )
  const peer: Peer = { url: phone.url, actor: 'phone', as: 'jpki-ui' }
  try {
    await work({
      open: async (aid = target) => (await call(peer, openChannel, { reader: 'SIM1', kind: 'logical', aid })).channel,
      send: async (channel, command) => (await call(peer, transmit, { channel, command: bytes(command) })).response,
      close: (channel) => call(peer, closeChannel, { channel }),
    })
  } finally {
    await phone.close()
  }
}
interface App {
  open(aid?: Uint8Array): Promise<string>
  send(channel: string, command: string): Promise<Uint8Array>
  close(channel: string): Promise<unknown>
}

const refused = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && words.test(error.message)
const notAllowed = refused('caller.not-allowed', /access rules of the SIM/)

describe('an app on the phone', () => {
  it('uses what the rules of the SIM give to its signer', () =>
    inPhone(simWith([rule(signer)]), async ({ open, send, close }) => {
      const channel = await open()
      assert.equal((await send(channel, '80CA004200')).toHex(), '420289819000')
      await close(channel)
      await assert.rejects(open(bytes('A0000001510000')), notAllowed)
    }))

  it('is refused what they give to another signer, or to nobody', async () => {
    for (const rules of [[rule(stranger)], [rule(signer, 'never')], []])
      await inPhone(simWith(rules), async ({ open }) => {
        await assert.rejects(open(), notAllowed)
      })
  })

  it('is let in by a rule for everybody, and by a SIM that has no rules', async () => {
    const everybody: AccessRule = {
      reference: { application: new Uint8Array(), device: new Uint8Array() },
      access: { apdu: 'always' },
    }
    for (const sim of [simWith([everybody]), simWith()])
      await inPhone(sim, async ({ open, send }) => {
        assert.match((await send(await open(), '80CA004200')).toHex(), /9000$/)
      })
  })

  it('sends the commands that a filter lets through, and no other', () =>
    inPhone(
      simWith([rule(signer, [{ header: bytes('80CA0042'), mask: bytes('FFFFFFFF') }])]),
      async ({ open, send }) => {
        const channel = await open()
        assert.equal((await send(channel, '80CA004200')).toHex(), '420289819000')
        await assert.rejects(send(channel, '80CA006600'), notAllowed)
      },
    ))

  it('finds a long list of rules whole', () => {
    const others = Array.from({ length: 30 }, (_, n) =>
      rule(Uint8Array.of(n), 'always', Uint8Array.of(0xa0, 0, 0, 0, n)),
    )
    return inPhone(simWith([...others, rule(signer)]), async ({ open }) => {
      await open()
    })
  })

  it('meets new rules as soon as the carrier has written them', async () => {
    const sim = simWith([rule(signer)])
    await inPhone(sim, async ({ open, close }) => {
      await close(await open())
      const handset = { iccid: iccid.toHex(), card: sim, issuerKeys: keySet }
      const carrier = await channelTo(handset, target, keySet.keyVersion, keySet)
      const data = StoreAccessRule.encode(rule(signer, 'never'))
      const p1 = { last: true, encryption: 'none', structure: 'ber-tlv', answer: false } as const
      await carrier.transmit(
        instruct(InstallForPersonalization, { data: { application: bytes(accessRuleApplication) } }),
      )
      const { sw } = await carrier.exchange(instruct(StoreData, { p1, p2: 0, data }))
      assert.equal(sw, 0x6381, 'it replaces a rule of the same reference')
      await assert.rejects(open(), notAllowed)
    })
  })

  it('has room beside the rules on a SIM with four channels, and one place on one with one', async () => {
    await inPhone(simWith([rule(signer)]), async ({ open, send }) => {
      const channels = await Promise.all([open(), open()])
      for (const channel of channels) assert.match((await send(channel, '80CA004200')).toHex(), /9000$/)
      await open()
    })
    await inPhone(simWith([rule(signer)], 0), async ({ open, send }) => {
      const only = await open()
      assert.match((await send(only, '80CA004200')).toHex(), /9000$/)
      await assert.rejects(open(), refused('rate.exceeded', /channel/))
    })
  })
})
