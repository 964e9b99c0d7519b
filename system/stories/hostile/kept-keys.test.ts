/** A carrier that keeps what it should forget: the initial key set, all that ever passed to the SIM. The real SIM says no. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  channelTermsOf,
  checkReplaced,
  commandsOf,
  deleting,
  domainKeyVersions,
  installing,
  keySetOf,
  loading,
  readContent,
  readLoadFile,
  replaceKeys,
} from '@mobile-jpki/content-management'
import type { KeySet } from '@mobile-jpki/globalplatform'
import { type Card, parseResponseApdu, SW } from '@mobile-jpki/iso7816'
import { decodeLoadFile, encodeProgram, programOf } from '@mobile-jpki/javacard'
import { appletInstance, appletPackage, issuerSecurityDomain, spSecurityDomain } from '@mobile-jpki/jpki'
import { placement } from '@mobile-jpki/jpki-applet/contract'
import { simTypeNamed } from '../../carriers/carriers.ts'
import { refusal } from '../life/street.ts'
import { type Carrier, channelTo, contentOf, type Handset, openCarrier, randomOctets } from '../stage/carrier.ts'

let carrier: Carrier
before(async () => {
  carrier = await openCarrier()
})
after(() => carrier.close())

const terms = channelTermsOf(simTypeNamed('a-uicc-2016').type)

/** The same SIM, and every command that passed to it. */
function recorded(handset: Handset): { readonly seen: Handset; readonly passed: Uint8Array[] } {
  const passed: Uint8Array[] = []
  const card: Card = {
    reset: () => handset.card.reset(),
    transmit: (command) => {
      passed.push(command)
      return handset.card.transmit(command)
    },
  }
  return { seen: { ...handset, card }, passed }
}

interface Kept {
  readonly keyVersion: number
  readonly initial: KeySet
}

/** ⑭ ⑮, and what a carrier that forgets nothing has in hand then. */
async function deployed(handset: Handset): Promise<Kept> {
  const visit = await carrier.deploy(handset.iccid)
  await carrier.report(handset, visit)
  const { keyVersion, ...initial } = await carrier.keySetOf(visit.orderId, handset.iccid)
  return { keyVersion, initial }
}

/** SP-TSM's first use of the SP area. */
async function takenOver(handset: Handset, { keyVersion, initial }: Kept) {
  const own = { keys: keySetOf(randomOctets(48), terms), keyVersion: domainKeyVersions.own(terms) }
  const channel = await channelTo(handset, spSecurityDomain, keyVersion, initial)
  const replacement = { ...own, replaces: keyVersion, terms }
  const [answer = new Uint8Array()] = await channel.transmitAll([replaceKeys(channel.session, replacement)])
  checkReplaced(answer, replacement)
  return own
}

describe('a carrier that keeps its initial key set', () => {
  it('opens nothing with it after the hand-over: the SIM does not know the set any more', async () => {
    const handset = await carrier.newHandset()
    const kept = await deployed(handset)
    const own = await takenOver(handset, kept)
    await assert.rejects(
      channelTo(handset, spSecurityDomain, kept.keyVersion, kept.initial),
      refusal('card.refused', /6A88/),
    )
    await assert.rejects(
      channelTo(handset, spSecurityDomain, own.keyVersion, kept.initial),
      refusal('sim.attestation-invalid'),
      'nor under the number of SP-TSM’s set',
    )
    const owner = await channelTo(handset, spSecurityDomain, own.keyVersion, own.keys)
    assert.ok((await readContent(owner)).application(appletInstance))
  })

  it('and replaces it between ⑮ and ⑱ has shut out everybody else: what SP-TSM was given opens nothing, and nothing is written', async () => {
    const handset = await carrier.newHandset()
    const kept = await deployed(handset)
    await takenOver(handset, kept)
    await assert.rejects(takenOver(handset, kept), refusal('card.refused', /6A88/))
    const ownVersion = domainKeyVersions.own(terms)
    await assert.rejects(
      channelTo(handset, spSecurityDomain, ownVersion, keySetOf(randomOctets(48), terms)),
      refusal('sim.attestation-invalid'),
    )
  })
})

describe('a carrier that records what passes', () => {
  it('replays it in vain: every session is another, and nothing in the SIM changes', async () => {
    const handset = await carrier.newHandset()
    const kept = await deployed(handset)
    const { seen, passed } = recorded(handset)
    const own = await takenOver(seen, kept)
    const owner = await channelTo(seen, spSecurityDomain, own.keyVersion, own.keys)
    const next = { keys: keySetOf(randomOctets(48), terms), keyVersion: own.keyVersion }
    await owner.transmitAll([replaceKeys(owner.session, { ...next, replaces: own.keyVersion, terms })])
    const content = await contentOf(handset)
    for (const again of [1, 2]) {
      await handset.card.reset()
      const words = []
      for (const command of passed) words.push(parseResponseApdu(await handset.card.transmit(command)).sw)
      // Under the initial set: SELECT, INITIALIZE UPDATE of a set that is gone, EXTERNAL AUTHENTICATE, PUT KEY.
      assert.deepEqual([words[0], words[1]], [SW.ok, SW.referencedDataNotFound], `${again}`)
      assert.deepEqual(words.slice(2, 4).includes(SW.ok), false)
      // Under the own set: another challenge, so that neither cryptogram nor MAC is right.
      const [select, initialize, ...others] = words.slice(4)
      assert.deepEqual([select, initialize], [SW.ok, SW.ok])
      assert.ok(others.length >= 2 && !others.includes(SW.ok), others.map((sw) => sw.toString(16)).join())
    }
    assert.deepEqual(await contentOf(handset), content)
    const open = await channelTo(handset, spSecurityDomain, next.keyVersion, next.keys)
    assert.ok((await readContent(open)).application(appletInstance))
  })
})

describe('a carrier that tampers with the load file', () => {
  /** The same AIDs and version, another program. */
  const tampered = () => {
    const program = programOf(decodeLoadFile(carrier.loadFile))
    return encodeProgram({ ...program, script: `${program.script}\n// and more` })
  }
  const issuerOf = (handset: Handset) => channelTo(handset, issuerSecurityDomain, 0x30, handset.issuerKeys)
  const wanted = { ...placement, securityDomain: issuerSecurityDomain, dapBlocks: [] }
  const cleared = async (handset: Handset) => {
    await deployed(handset)
    const issuer = await issuerOf(handset)
    await issuer.transmitAll([deleting(appletInstance).command, deleting(appletPackage).command])
    return issuer
  }

  it('behind the hash that was announced is refused by the SIM', async () => {
    const handset = await carrier.newHandset()
    const issuer = await cleared(handset)
    const genuine = readLoadFile(carrier.loadFile)
    const step = loading({ ...wanted, loadFile: { ...genuine, dataBlock: tampered() } }, 200)
    await assert.rejects(issuer.transmitAll(commandsOf(step)), refusal('card.refused', /LOAD/))
    const entries = await contentOf(handset)
    assert.ok(!entries.some(({ aid }) => aid.toHex() === appletPackage.toHex()))
  })

  it('and its hash too has its own program in its own SIM: that is the limit, and stands in docs/protocols/deployment.md', async () => {
    const handset = await carrier.newHandset()
    const issuer = await cleared(handset)
    const loadFile = readLoadFile(tampered())
    await issuer.transmitAll([
      ...commandsOf(loading({ ...wanted, loadFile }, 200)),
      ...commandsOf(installing({ ...placement, loadFile })),
    ])
    const entries = await contentOf(handset)
    assert.ok(entries.some(({ aid }) => aid.toHex() === appletInstance.toHex()))
  })
})
