/** A download whose key the SIM makes itself: every house of the town, the real applet, and nobody but the SIM ever has the key. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { RsaCrt } from '@mobile-jpki/jpki'
import { applicationState, apply, begin, certificateInSim, follow } from '@mobile-jpki/jpki-ui/domain'
import { parseCertificate } from '@mobile-jpki/pkix'
import { useAsCard, useOverNet } from '../../demo/use.ts'
import { openSimIn } from '../../town/cards/sims.ts'
import { hanako } from '../../town/people.ts'
import { found } from '../stage/search.ts'
import { codeMailsIn, openTown, pin, rowsOf, type StoryTown } from '../stage/town.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

const now = () => new Date(Date.now() + town.clock.ahead)
const password = 'chosen-for-this-2016'
const order = () =>
  rowsOf(town, 'jpki-system', 'SELECT key_generation, serial_number, sealed_private_key, taken_key FROM phone_order')[0]

/** Every file of the town. */
async function files(): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = await readdir(town.data, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return new Map(
    await Promise.all(paths.map(async (path) => [relative(town.data, path), await readFile(path)] as const)),
  )
}

async function keyInSim(): Promise<RsaCrt> {
  const sim = await openSimIn(join(town.data, 'cards'))
  const [name = ''] = sim.nvm.keys().filter((key) => key.endsWith('privateKey'))
  const key = RsaCrt.decode(sim.nvm.get(name) ?? new Uint8Array())
  sim.close()
  return key
}

describe('a download in on-card mode', () => {
  it('reserves at ⑥, has the key made and certified behind ⑮, and is in use behind ⑱', async () => {
    const applicant = {
      signPassword: hanako.card.signPassword,
      mail: hanako.mail,
      password,
      keyGeneration: 'on-card',
    } as const
    const { orderId } = await apply(town.device, applicant, { now, newId: () => crypto.randomUUID() })
    while ((await applicationState(town.device, orderId)).state !== 'codeSent') await setTimeout(20)
    assert.deepEqual(order(), {
      key_generation: 'on-card',
      serial_number: null,
      sealed_private_key: null,
      taken_key: null,
    })
    const [accessCode = ''] =
      /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-./.exec((await codeMailsIn(town)).at(-1)?.text ?? '') ?? []
    const begun = await begin(town.device, { accessCode, password })
    await follow(town.device, begun, {
      choosePin: async () => {
        // The PIN is asked for while the key is being certified.
        while (order()?.['serial_number'] === null) await setTimeout(20)
        const { sealed_private_key: sealed, serial_number: serialNumber } = order() ?? {}
        assert.deepEqual([sealed, typeof serialNumber], [null, 'string'], 'certified, and no key is here')
        return pin
      },
      progress: () => undefined,
      pause: setTimeout,
      now,
    })
    assert.equal((await applicationState(town.device, orderId)).state, 'active')
    await useAsCard(town.device, pin)
    await useOverNet(town.device, town.places.relyingParty, pin)
  })

  it('leaves the private key in the SIM, and in no store and no trace of anybody', async () => {
    const certificate = parseCertificate((await certificateInSim(town.device))?.der ?? new Uint8Array())
    await town.stop()
    const key = await keyInSim()
    const number = (octets: Uint8Array) => BigInt(`0x${octets.toHex()}`)
    const modulus = Uint8Array.fromHex((number(key.p) * number(key.q)).toString(16))
    assert.ok(certificate.publicKey.toHex().includes(modulus.toHex()), 'it is the key of the certificate')
    const sought = new Map(Object.entries(key))
    const witness = new Map([['modulus', modulus]])
    let seen = 0
    for (const [name, octets] of await files()) {
      assert.deepEqual([...found(octets, sought)], [], name)
      if (found(octets, witness).size > 0) seen++
    }
    assert.ok(seen > 0, 'the public half is found by the same search')
    await town.start()
  })

  it('has no step that makes a key in the JPKI system, and shows the one that certifies the SIM’s', async () => {
    const traces = [...(await files())]
      .filter(([name]) => name.includes('trace'))
      .map(([, octets]) => Buffer.from(octets).toString())
    const text = traces.join('\n')
    assert.match(text, /certifyPhoneKey/)
    assert.match(text, /STORE DATA onCardKey/)
    assert.doesNotMatch(text, /generateKeyPair|takeKeyPair/)
  })
})
