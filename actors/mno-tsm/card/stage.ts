/**
 * ⑮: the deployment in the SIM, over whatever reaches it. Into a SIM that holds nothing of the kind everything goes at once; otherwise
 * the stage looks at the record and at the card, and does what is missing.
 */
import {
  type CardContent,
  commandsOf,
  type DomainChannel,
  missingSteps,
  readContent,
} from '@mobile-jpki/content-management'
import { issuerSecurityDomain, spSecurityDomain } from '@mobile-jpki/jpki'
import { placement } from '@mobile-jpki/jpki-applet/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Element, Instruction, Outcome, Stage } from '@mobile-jpki/seram'
import type { DomainTerms } from '../contract.ts'
import { type Deployment, type DeploymentEvent, deploymentAfter, superseded } from '../domain/deployment.ts'
import { type Sim, type SimEvent, simAfter } from '../domain/sim.ts'
import type { Records, World } from '../domain/world.ts'
import { newKeySet, sealForSpTsm } from './initial-keys.ts'
import { openIssuerChannel } from './issuer-channel.ts'
import { clearing, creating, type FirstKeys } from './sp-area.ts'
import { domainTermsOf, isCarriersWork } from './terms.ts'

export const deploymentStage =
  (world: World, orderId: string): Stage =>
  async (element): Promise<Outcome> => {
    const { deployment, sim } = await present(world.records, orderId)
    if (deployment.refusal !== undefined)
      return { outcome: 'stop', trouble: new Refusal(deployment.refusal.code, deployment.refusal.detail) }
    if (deployment.state === 'superseded') return { outcome: 'stop', trouble: superseded() }
    const terms = domainTermsOf(world.carriers.typeOf(sim))
    if (isOver(deployment, terms)) return { outcome: 'done' }
    const work: Work = { world, element, sim, terms, dapBlocks: await signedFor(world, sim) }
    try {
      const isFresh = deployment.state === 'requested' && sim.state === 'known'
      if (!(isFresh && (await allAtOnce(work, deployment)))) await bySteps(work, deployment)
      return { outcome: 'done' }
    } catch (error) {
      if (error instanceof Refusal && !passing.has(error.code)) await remember(world, orderId, error)
      throw error
    }
  }

/** Under delegated and authorized management the rest is SP-TSM's. */
const isOver = ({ state }: Deployment, { management }: DomainTerms): boolean =>
  state === 'appletInstalled' || (state === 'domainReady' && !isCarriersWork(management))

/** Nothing is wrong with the deployment: the next handshake goes on. */
const passing: ReadonlySet<RefusalCode> = new Set(['card.absent', 'store.busy'])

interface Work {
  readonly world: World
  readonly element: Element
  readonly sim: Sim
  readonly terms: DomainTerms
  readonly dapBlocks: readonly { readonly securityDomain: Uint8Array; readonly signature: Uint8Array }[]
}

/** The carrier answers for the load file where its SIMs want that. GPCS §C.3. */
async function signedFor({ carriers, keys, loadFile }: World, sim: Sim): Promise<Work['dapBlocks']> {
  if (carriers.typeOf(sim).mandatedDap === 'none') return []
  const { securityDomain, sign } = await keys.dap(sim)
  return [{ securityDomain, signature: sign(loadFile.hash) }]
}

/** One round trip behind the opening. False when the card refused something: it holds what nobody knew of, or cannot. */
async function allAtOnce(work: Work, requested: Deployment): Promise<boolean> {
  const { world, element, sim, terms } = work
  const begun = await record(world, requested, ['begin'], await freshKeys(work, requested))
  const channel = await openIssuerChannel(world, sim, element)
  const first = await firstKeys(world, begun)
  const answers = await channel.exchangeAll([...creating(channel, terms, first), ...applet(work, channel)])
  if (answers.some(({ sw }) => sw !== 0x9000)) return false
  await created(
    work,
    begun,
    first,
    isCarriersWork(terms.management) ? ['createDomain', 'installApplet'] : ['createDomain'],
  )
  return true
}

async function bySteps(work: Work, known: Deployment): Promise<void> {
  const { world, element, sim, terms } = work
  const channel = await openIssuerChannel(world, sim, element)
  let content = await readContent(channel)
  let { deployment } = await present(world.records, known.orderId)
  if (deployment.state === 'requested' || deployment.state === 'begun') {
    const left = clearing(content)
    await channel.transmitAll(left)
    deployment = await record(world, deployment, ['clear'], await freshKeys(work, deployment))
    if (left.length > 0) content = await readContent(channel)
  }
  if (deployment.state === 'creating') {
    const first = await firstKeys(world, deployment)
    await channel.transmitAll(creating(channel, terms, first, content.application(spSecurityDomain)))
    deployment = await created(work, deployment, first, ['createDomain'])
  }
  if (deployment.state === 'domainReady' && isCarriersWork(terms.management)) {
    await channel.transmitAll(applet(work, channel, content))
    await record(world, deployment, ['installApplet'], {})
  }
}

/** Loaded under the issuer's own right, then given to the SP area. */
function applet(
  { world, terms, dapBlocks }: Work,
  { blockLength }: DomainChannel,
  content?: CardContent,
): readonly Instruction[] {
  if (!isCarriersWork(terms.management)) return []
  const { loadFile } = world
  const wanted = { ...placement, loadFile, dapBlocks, by: issuerSecurityDomain, into: spSecurityDomain }
  return missingSteps(wanted, blockLength, content).flatMap(commandsOf)
}

type Keys = Pick<Deployment, 'wrappedKeySet' | 'keySet'>

/** Kept before the SIM learns them; none where SP-TSM's own come sealed for the SIM. */
async function freshKeys({ world, terms }: Work, { orderId, setUp }: Deployment): Promise<Keys> {
  return setUp === undefined ? { wrappedKeySet: await world.keys.wrap(newKeySet(world, terms), orderId) } : {}
}

async function firstKeys({ keys }: World, { orderId, setUp, wrappedKeySet }: Deployment): Promise<FirstKeys> {
  return { setUp, keySet: wrappedKeySet === undefined ? new Uint8Array() : await keys.unwrap(wrappedKeySet, orderId) }
}

/** The clear copy ends here: from now on SP-TSM alone can open the key set. */
async function created(
  { world }: Work,
  deployment: Deployment,
  { setUp, keySet }: FirstKeys,
  events: readonly (DeploymentEvent & SimEvent)[],
): Promise<Deployment> {
  const sealed = setUp === undefined ? { keySet: await sealForSpTsm(world, deployment, keySet) } : {}
  keySet.fill(0)
  return record(world, deployment, events, sealed)
}

async function present({ deployments, sims }: Records, orderId: string): Promise<{ deployment: Deployment; sim: Sim }> {
  const deployment = await deployments.find(orderId)
  const sim = deployment && (await sims.find(deployment.iccid))
  if (deployment === undefined || sim === undefined) throw new Refusal('reference.not-found')
  return { deployment, sim }
}

/** The outcome of a step, in the deployment and in the SIM registry at once. A later order may have come meanwhile. */
const record = (
  { transaction }: World,
  { orderId }: Deployment,
  events: readonly ('begin' | (DeploymentEvent & SimEvent))[],
  keys: Keys,
): Promise<Deployment> =>
  transaction(async (records) => {
    const { deployment, sim } = await present(records, orderId)
    const { wrappedKeySet: _, ...moved } = events.reduce((one, event) => deploymentAfter(event, one), deployment)
    const next = { ...moved, ...keys }
    await records.deployments.save(next)
    const happened = events.filter((event) => event !== 'begin')
    if (happened.length > 0)
      await records.sims.save({ ...happened.reduce((one, event) => simAfter(event, one), sim), orderId })
    return next
  })

const remember = ({ transaction }: World, orderId: string, { code, message: detail }: Refusal): Promise<void> =>
  transaction(async ({ deployments }) => {
    const deployment = await deployments.find(orderId)
    if (deployment !== undefined && deployment.state !== 'superseded')
      await deployments.save({ ...deployment, refusal: { code, detail, told: false } })
  })
