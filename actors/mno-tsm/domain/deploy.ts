/** ⑭ DeployService and GetServiceState: an order is taken, and told how far it has come. GlobalPlatform System Messaging 2.x. */
import { domainKeyVersions } from '@mobile-jpki/content-management'
import { appletInstance, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { domainTermsOf } from '../card/terms.ts'
import { type Deployment, deploymentAfter, superseded } from './deployment.ts'
import { lineReasons, simReasons } from './eligibility.ts'
import { type Sim, simAfter, simTransitions } from './sim.ts'
import type { Records, World } from './world.ts'

export interface DeploymentRequest {
  readonly carrier: string
  readonly orderId: string
  readonly iccid: string
  readonly keyTransport: Uint8Array
  readonly setUp?: Deployment['setUp']
}

/** Asked again for an order, it is the same deployment; a failure that SP-TSM was told of is tried once more. */
export async function deployService(world: World, request: DeploymentRequest): Promise<Deployment> {
  return world.transaction(async (records) => {
    await checkEligible(world, records, request)
    const known = await records.deployments.find(request.orderId)
    const deployment = known === undefined ? await begin(world, records, request) : again(known, request)
    await records.deployments.save(deployment)
    return deployment
  })
}

async function checkEligible(
  { carriers, loadFile }: World,
  { sims, subscriptions }: Records,
  { carrier, iccid }: DeploymentRequest,
): Promise<void> {
  const sim = await sims.find(iccid)
  if (sim?.carrier !== carrier)
    throw new Refusal('sim.not-eligible', `${carriers.nameOf(carrier)} has no SIM with ICCID ${iccid}.`)
  const fit = { type: carriers.typeOf(sim), loadFileOctets: loadFile.dataBlock.length }
  const [reason] = simReasons(sim, fit).filter((each) => each !== false)
  if (reason !== undefined) throw new Refusal('sim.not-eligible', reason.says)
  const line = await subscriptions.ofSim(iccid)
  if (line === undefined) throw new Refusal('subscription.not-eligible', 'This SIM carries no line.')
  const [fault] = lineReasons(line).filter((each) => each !== false)
  if (fault !== undefined) throw new Refusal('subscription.not-eligible', fault)
}

/** A SIM has one SP area: a new order takes it from whatever was there before. */
async function begin({ newId, now }: World, { deployments }: Records, request: DeploymentRequest): Promise<Deployment> {
  for (const earlier of await deployments.ofSim(request.iccid))
    if (earlier.state !== 'superseded') await deployments.save(withoutKeys(deploymentAfter('supersede', earlier)))
  const { orderId, iccid, keyTransport, setUp } = request
  return {
    orderId,
    iccid,
    keyTransport,
    ...(setUp && { setUp }),
    sessionId: newId(),
    state: 'requested',
    requestedAt: now(),
  }
}

const withoutKeys = ({ wrappedKeySet: _, keySet: __, ...rest }: Deployment): Deployment => rest

/** Keys for the SIM may come as long as it has none. */
function again(known: Deployment, { iccid, keyTransport, setUp }: DeploymentRequest): Deployment {
  if (known.iccid !== iccid) throw new Refusal('conditions.not-satisfied', 'The order was for another SIM.')
  if (known.state === 'superseded') throw superseded()
  const { refusal, ...tried } = known
  if (refusal?.told === false) return known
  const isEmpty = known.state === 'requested' || known.state === 'begun'
  const withKeys = setUp !== undefined && isEmpty ? { ...tried, setUp } : tried
  if (known.keyTransport.toHex() === keyTransport.toHex()) return withKeys
  if (known.keySet !== undefined)
    throw new Refusal('conditions.not-satisfied', 'The initial key set was sealed for another transport key.')
  return { ...withKeys, keyTransport }
}

/** What SP-TSM is told: `begun` and `creating` are a matter of our own. */
export async function serviceState(world: World, orderId: string) {
  const found = await world.transaction(async ({ deployments, sims }) => {
    const deployment = await deployments.find(orderId)
    const sim = deployment && (await sims.find(deployment.iccid))
    if (deployment === undefined || sim === undefined) throw new Refusal('reference.not-found')
    const { refusal } = deployment
    if (refusal?.told === false) await deployments.save({ ...deployment, refusal: { ...refusal, told: true } })
    return { deployment, sim }
  })
  return told(world, found.deployment, found.sim)
}

const shown = { requested: 'requested', begun: 'requested', creating: 'requested' } as const

async function told({ carriers, keys, loadFile }: World, { state, refusal, keySet, setUp }: Deployment, sim: Sim) {
  if (state === 'superseded')
    return { state: 'failed' as const, refusal: { code: superseded().code, detail: superseded().message } }
  const type = carriers.typeOf(sim)
  const terms = domainTermsOf(type)
  const isThere = state === 'domainReady' || state === 'appletInstalled'
  const dap = isThere && type.mandatedDap !== 'none' ? await keys.dap(sim) : undefined
  return {
    state: refusal !== undefined ? ('failed' as const) : isThere ? state : shown[state],
    terms,
    ...(refusal !== undefined && { refusal: { code: refusal.code, detail: refusal.detail } }),
    ...(isThere && {
      securityDomain: spSecurityDomain,
      keyVersion: setUp?.keyVersion ?? domainKeyVersions.initial(terms),
    }),
    ...(keySet !== undefined && { keySet }),
    ...(dap && { dap: { securityDomain: dap.securityDomain, signature: dap.sign(loadFile.hash) } }),
    ...(state === 'appletInstalled' && { instanceAid: appletInstance }),
  }
}

type ServiceAction = 'install' | 'personalize' | 'suspend' | 'resume'
const done = { personalize: 'personalized', suspend: 'suspended', resume: 'personalized' } as const

/** SP-TSM's word is enough where it needs nobody's leave; under delegated management the SIM's receipt says it. */
async function installed({ carriers }: World, records: Records, deployment: Deployment, sim: Sim): Promise<void> {
  if (carriers.typeOf(sim).management.model !== 'authorized')
    throw new Refusal('conditions.not-satisfied', 'The applet in this SIM is not installed by SP-TSM’s own right.')
  await recordInstalled(records, deployment, sim)
}

/** In the deployment and in the SIM registry at once. Told twice, it is the same. */
export async function recordInstalled({ deployments, sims }: Records, deployment: Deployment, sim: Sim): Promise<void> {
  if (deployment.state === 'appletInstalled') return
  await deployments.save(deploymentAfter('installApplet', deployment))
  await sims.save(simAfter('installApplet', sim))
}

/** What SP-TSM did to the SIM by itself, so that the registry knows it. System Messaging: HandleActionDoneOnService. */
export async function actionDone(world: World, orderId: string, action: ServiceAction): Promise<void> {
  await world.transaction(async (records) => {
    const { sims, deployments } = records
    const deployment = await deployments.find(orderId)
    const sim = deployment && (await sims.find(deployment.iccid))
    if (deployment === undefined || sim === undefined || sim.orderId !== orderId)
      throw new Refusal('reference.not-found')
    if (action === 'install') return installed(world, records, deployment, sim)
    if (sim.state !== done[action]) await sims.save(simAfter(action, sim))
  })
}

/**
 * The SP area is nobody's any more: the next order for that SIM clears it. What was personalized in it SP-TSM has wiped.
 * Answers whether anything may be left in the SIM.
 */
export function terminateService(world: World, orderId: string): Promise<boolean> {
  return world.transaction(async ({ deployments, sims }) => {
    const deployment = await deployments.find(orderId)
    if (deployment === undefined) return false
    if (deployment.state !== 'superseded') await deployments.save(withoutKeys(deploymentAfter('supersede', deployment)))
    const sim = await sims.find(deployment.iccid)
    if (sim?.orderId === orderId && simTransitions[sim.state].wipe !== undefined) await sims.save(simAfter('wipe', sim))
    return deployment.state !== 'requested'
  })
}
