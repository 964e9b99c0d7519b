/** Whose word a script is: of the domain whose keys it came under, of one below that has none, or of a secure channel inside. GPC Amendment B §3.4, TS 102 226 §5.2.1.4. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  InitializeUpdate,
  openHostSession,
  PutKey,
  type SecureChannelSession,
  unwrap,
  wrap,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { type Chaining, CommandScript, ResponseScript, responseApdus } from '@mobile-jpki/ota'
import type { Sim } from '../../index.ts'
import { putKeys, setState } from '../../test/commands.ts'
import { bytes, domainAid, Host, issuerKeys, newKeys } from '../../test/host.ts'
import { opened } from '../../test/refusals-channel.ts'
import { airKeys, airSim, exchange } from './air.ts'
import { createDomain, domainTar, getManager, keepManager } from './commands.ts'

const ownVersion = 0x31

/** A card with a security domain, which has keys of its own or not yet. */
async function withDomain(keys: 'none' | 'secureChannel' | 'shortMessages'): Promise<Sim> {
  const host = await opened(airSim())
  await host.ok(createDomain)
  const own = new Host(host.card)
  await own.open(domainAid, issuerKeys)
  assert.ok(own.session)
  if (keys === 'secureChannel') await own.ok(putKeys(own.session, newKeys, ownVersion))
  if (keys === 'shortMessages') {
    const { session } = own
    const wrapped = [ownAir.kic, ownAir.kid, ownAir.dek].map((key) => wrapKey(session, 'AES', key))
    const data = { keyVersion: ownAir.keyVersion, keys: wrapped }
    await own.ok(PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: true }, data }))
  }
  return host.card
}
const ownAir = { ...airKeys.aes, keyVersion: 0x05, kic: newKeys.enc, kid: newKeys.mac, dek: newKeys.dek }

let counter = 0
type Script = { readonly chaining?: Chaining; readonly apdus: readonly CommandApdu[] }

async function run(card: Sim, { chaining, apdus }: Script, keys = airKeys.aes as typeof ownAir, tar = domainTar) {
  const script = CommandScript.encode({
    length: 'indefinite',
    commands: [
      ...(chaining === undefined ? [] : [{ kind: 'chaining' as const, value: chaining }]),
      ...apdus.map((apdu) => ({ kind: 'command' as const, apdu: encodeCommandApdu(apdu) })),
    ],
  })
  const { status, data } = await exchange(card, script, { counter: ++counter, tar, keys })
  assert.equal(status, 'ok')
  return ResponseScript.decode(data)
}
const words = (answer: ResponseScript) => responseApdus(answer).map((apdu) => apdu.slice(-2).toHex())
const responses = (answer: ResponseScript): readonly ResponseApdu[] => responseApdus(answer).map(parseResponseApdu)

describe('a script under the issuer’s keys', () => {
  it('speaks for a domain below it that has none', async () => {
    const card = await withDomain('none')
    assert.deepEqual(words(await run(card, { apdus: [keepManager('x'), getManager] })), ['9000', '9000'])
  })

  it('carries a secure channel of a domain that has keys, and does nothing there itself', async () => {
    const card = await withDomain('secureChannel')
    assert.deepEqual(words(await run(card, { apdus: [keepManager('x')] })), ['6982'])
    assert.equal(card.lastRefusal()?.rule, 'channel.needed')
  })

  it('does nothing in a domain that short messages reach under its own keys', async () => {
    const card = await withDomain('shortMessages')
    assert.deepEqual(words(await run(card, { apdus: [keepManager('x')] })), ['6982'])
    assert.deepEqual(words(await run(card, { apdus: [keepManager('x')] }, ownAir)), ['9000'])
  })

  it('does not reach a domain that is locked', async () => {
    const card = await withDomain('none')
    await (await opened(card)).ok(setState(domainAid, 0x87))
    const script = CommandScript.encode({ length: 'definite', commands: [] })
    const { status } = await exchange(card, script, { counter: ++counter, tar: domainTar })
    assert.equal(status, 'tarUnknown')
  })
})

describe('a secure channel inside', () => {
  const hostChallenge = bytes('C0C1C2C3C4C5C6C7')
  const update = InitializeUpdate.toApdu({ p1: ownVersion, p2: 0, data: hostChallenge })

  async function begin(card: Sim, chaining?: Chaining): Promise<SecureChannelSession & { first: CommandApdu }> {
    const [answer] = responses(await run(card, { ...(chaining && { chaining }), apdus: [update] }))
    assert.equal(answer?.sw, 0x9000)
    const { externalAuthenticate, session } = openHostSession({
      scp: { protocol: '03', i: 0x70 },
      keys: newKeys,
      hostChallenge,
      initializeUpdateResponse: answer.data,
      securityLevel: 0x33,
      aid: domainAid,
    })
    return { ...session, first: externalAuthenticate }
  }

  it('goes on from one message to the next, while the scripts are chained', async () => {
    const card = await withDomain('secureChannel')
    const { first, ...session } = await begin(card, 'first')
    const one = wrap(session, keepManager('1'))
    const [authenticated, kept] = responses(await run(card, { chaining: 'subsequent', apdus: [first, one.apdu] }))
    assert.equal(authenticated?.sw, 0x9000)
    assert.ok(kept)
    const { response, next } = unwrap(one.next, kept)
    assert.equal(response.sw, 0x9000)
    const two = wrap(next, keepManager('2'))
    const three = wrap(
      unwrap(two.next, responses(await run(card, { chaining: 'last', apdus: [two.apdu] }))[0] ?? response).next,
      getManager,
    )
    // The chain is over, and the channel with it.
    assert.deepEqual(words(await run(card, { apdus: [three.apdu] })), ['6982'])
    assert.equal(card.lastRefusal()?.rule, 'channel.mac')
  })

  it('ends with its message where nothing is chained', async () => {
    const card = await withDomain('secureChannel')
    const { first } = await begin(card)
    assert.deepEqual(words(await run(card, { apdus: [first] })), ['6985'])
    assert.equal(card.lastRefusal()?.rule, 'channel.not-initialized')
  })

  it('does not outlive a reset: what follows is not run', async () => {
    const card = await withDomain('secureChannel')
    const { first } = await begin(card, 'first')
    await card.reset()
    const answer = await run(card, { chaining: 'subsequent', apdus: [first] })
    assert.deepEqual(answer.responses, [{ kind: 'chaining', value: 'noPreviousScript' }])
  })

  it('is not kept over a reset, even if that is asked for', async () => {
    const card = await withDomain('secureChannel')
    const answer = await run(card, { chaining: 'firstKeptOverReset', apdus: [update] })
    assert.deepEqual(answer.responses, [{ kind: 'chaining', value: 'notSupported' }])
  })

  it('at the contacts and one inside do not disturb each other', async () => {
    const card = await withDomain('secureChannel')
    const host = new Host(card)
    await host.open(domainAid, { ...newKeys, keyVersion: ownVersion })
    const { first } = await begin(card, 'first')
    assert.deepEqual(words(await run(card, { chaining: 'last', apdus: [first] })), ['9000'])
    await host.ok(keepManager('c'))
  })
})
