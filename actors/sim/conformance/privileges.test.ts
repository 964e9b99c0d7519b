/** Privilege by privilege: what a security domain may do with it, and with no other. GPCS v2.3.1 §6.6, §9.1.3. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  GetStatus,
  InstallForLoad,
  InstallForRegistryUpdate,
  type Privilege,
  type SecurityDomainParameters,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { openSim, type RuleId } from '../index.ts'
import {
  createDomain,
  extradite,
  installCounter,
  makeSelectable,
  remove,
  setCardState,
  setState,
  wholeLoad,
} from '../test/commands.ts'
import { bytes, domainAid, freshSim, Host, instanceAid, issuerAid, issuerKeys, packageAid } from '../test/host.ts'
import { opened, withProgram } from '../test/refusals-channel.ts'

const own = bytes('A0000000620301BB')
const below = bytes('A00000006203DD')
const sibling = bytes('A00000006203EE')

/** What may be tried, on what is the domain's own (`own`, `below`) and on what is not (`instanceAid`, the card). */
const attempts = {
  load: InstallForLoad.toApdu({ data: { loadFile: bytes('A00000006203FF'), hash: new Uint8Array(32) } }),
  install: installCounter('install', { instance: bytes('A0000000620301CC') }),
  'make selectable': makeSelectable(own),
  'create a domain': createDomain(bytes('A00000006203DF')),
  'extradite its own': extradite(own, below),
  'update its own': InstallForRegistryUpdate.toApdu({ data: { application: below, privileges: ['securityDomain'] } }),
  'delete its own': remove(own),
  'delete of others': remove(instanceAid),
  'lock its own': setState(below, 0x80),
  'lock of others': setState(instanceAid, 0x80),
  'lock the card': setCardState(0x7f),
  'terminate the card': setCardState(0xff),
  'list others': GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid: instanceAid } }),
} as const satisfies Record<string, CommandApdu>
type Attempt = keyof typeof attempts

const content: Attempt[] = [
  'load',
  'install',
  'make selectable',
  'create a domain',
  'extradite its own',
  'update its own',
  'delete its own',
]

/** Beyond what every security domain may: lock what stands below it. */
const allowed: Readonly<Partial<Record<Privilege, readonly Attempt[]>>> = {
  authorizedManagement: content,
  delegatedManagement: [],
  dapVerification: [],
  mandatedDapVerification: [],
  trustedPath: [],
  cipheredLoadFileDataBlock: [],
  globalDelete: ['delete its own', 'delete of others'],
  globalLock: ['lock of others'],
  globalRegistry: ['list others'],
  cardLock: ['lock the card'],
  cardTerminate: ['terminate the card'],
  cardReset: [],
  finalApplication: [],
}
const refusals: Readonly<Record<Attempt, readonly RuleId[]>> = {
  ...(Object.fromEntries(
    content.map((attempt) => [attempt, ['privilege.content', 'privilege.token']]),
  ) as unknown as Record<Attempt, RuleId[]>),
  'delete of others': ['privilege.content', 'privilege.token', 'privilege.other-domain'],
  'lock its own': [],
  'lock of others': ['privilege.other-domain'],
  'lock the card': ['privilege.card-lock'],
  'terminate the card': ['privilege.terminate'],
  'list others': ['status.none'],
}

/** The domain holds `own`, which is installed only, and a domain `below` it; the issuer holds the rest. */
async function cardWith(privileges: Privilege[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const image = new Map<string, Uint8Array>()
  const host = await opened(freshSim({}, image))
  for (const command of [...wholeLoad(), installCounter()]) await host.ok(command)
  await host.ok(createDomain(domainAid, { privileges }))
  await host.ok(installCounter('install', { instance: own }))
  for (const each of [
    createDomain(below),
    createDomain(sibling),
    extradite(below, domainAid),
    extradite(own, domainAid),
  ])
    await host.ok(each)
  return image
}

/** Each time the same card, with a session of the domain. */
async function domainOn(image: ReadonlyMap<string, Uint8Array>): Promise<Host> {
  const domain = new Host(openSim({ nvm: memoryNvm({ image: new Map(image) }) }))
  await domain.open(domainAid, issuerKeys)
  return domain
}
const domainWith = async (privileges: Privilege[]): Promise<Host> => domainOn(await cardWith(privileges))

describe('a security domain', () => {
  for (const [privilege, may] of Object.entries(allowed) as [Privilege, readonly Attempt[]][])
    it(`with ${privilege} may ${may.length === 0 ? 'nothing more' : may.join(', ')}`, async () => {
      const image = await cardWith([privilege])
      for (const [attempt, command] of Object.entries(attempts) as [Attempt, CommandApdu][]) {
        const domain = await domainOn(image)
        const { sw } = await domain.send(command)
        const rule = domain.card.lastRefusal()?.rule
        const words = `${attempt}: ${rule ?? sw.toString(16)}`
        if (may.includes(attempt) || attempt === 'lock its own') assert.equal(sw, 0x9000, words)
        else assert.ok(rule !== undefined && refusals[attempt].includes(rule), words)
      }
    })

  it('gives no privilege over the whole card, and none that the card cannot keep its word on', async () => {
    const domain = await domainWith(['authorizedManagement'])
    const given = (privileges: Privilege[]) => createDomain(bytes('A00000006203DF'), { privileges })
    const global: Privilege[] = ['cardLock', 'cardTerminate', 'globalDelete', 'globalLock', 'globalRegistry']
    const further: Privilege[] = ['mandatedDapVerification', 'cardReset', 'finalApplication']
    for (const privilege of [...global, ...further]) await domain.refused(given([privilege]), 'privilege.grant')
    const issuer = new Host(domain.card)
    await issuer.open(issuerAid, issuerKeys)
    const never: Privilege[] = ['tokenVerification', 'receiptGeneration', 'cvmManagement', 'globalService']
    for (const privilege of never) await issuer.refused(given([privilege]), 'privilege.grant')
    await issuer.refused(given(['delegatedManagement', 'authorizedManagement']), 'privilege.grant')
  })
})

describe('extradition', () => {
  const told = (options: Partial<SecurityDomainParameters>): SecurityDomainParameters => ({
    secureChannelProtocols: [],
    ...options,
  })
  const yes = bytes('80')
  const no = bytes('00')

  it('goes where it is accepted (tag 82), and nowhere in a circle', async () => {
    const issuer = await withProgram()
    await issuer.ok(createDomain(domainAid, { options: told({ acceptsExtraditionHere: no }) }))
    await issuer.refused(extradite(instanceAid, domainAid), 'install.extradition')
    await issuer.refused(extradite(packageAid, domainAid), 'install.extradition')
    await issuer.refused(extradite(domainAid, domainAid), 'install.extradition')
    await issuer.ok(createDomain(below, { options: told({ acceptsExtraditionHere: yes }) }))
    await issuer.ok(extradite(domainAid, below))
    await issuer.refused(extradite(below, domainAid), 'install.extradition')
    await issuer.ok(extradite(instanceAid, below))
    await issuer.refused(extradite(instanceAid, instanceAid), 'install.no-domain')
  })

  it('to a domain beside one’s own needs that domain’s word', async () => {
    const domain = await domainWith(['authorizedManagement'])
    await domain.refused(extradite(own, sibling), 'install.extradition')
    const issuer = new Host(domain.card)
    await issuer.open(issuerAid, issuerKeys)
    await issuer.ok(remove(sibling))
    await issuer.ok(createDomain(sibling, { options: told({ acceptsExtraditionHere: bytes('2020') }) }))
    await domain.open(domainAid, issuerKeys)
    await domain.ok(extradite(own, sibling))
  })

  it('takes away (tag 87) and deletes (tag 83) only what the domain between lets go', async () => {
    for (const [options, goes] of [
      [told({ acceptsExtraditionAway: yes, acceptsDeletion: yes }), true],
      [told({ acceptsDeletion: no }), false],
    ] as const) {
      const issuer = await withProgram()
      await issuer.ok(createDomain(domainAid, { privileges: ['authorizedManagement'] }))
      await issuer.ok(createDomain(below, { options }))
      for (const each of [extradite(instanceAid, below), extradite(below, domainAid)]) await issuer.ok(each)
      const domain = new Host(issuer.card)
      await domain.open(domainAid, issuerKeys)
      if (goes) await domain.ok(extradite(instanceAid, domainAid))
      else await domain.refused(extradite(instanceAid, domainAid), 'privilege.other-domain')
      if (goes) await domain.ok(remove(instanceAid))
      else await domain.refused(remove(instanceAid), 'privilege.other-domain')
    }
  })

  it('to itself makes a domain with authorized management the root of its own tree', async () => {
    const domain = await domainWith(['authorizedManagement'])
    const issuer = new Host(domain.card)
    await issuer.open(issuerAid, issuerKeys)
    await issuer.ok(extradite(domainAid, domainAid))
    await issuer.refused(extradite(own, issuerAid), 'privilege.other-domain')
    await issuer.ok(remove(domainAid, 'objectAndRelated'))
    await issuer.refused(remove(own), 'delete.not-found')
    await issuer.refused(remove(below), 'delete.not-found')
  })
})
