/** ⑭ DeployService and GetServiceState: an order is taken, and told how far it has come. GlobalPlatform System Messaging 2.x. */
import { appletInstance, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { initialKeyVersion } from '../card/initial-keys.ts'
import { type Deployment, deploymentAfter, superseded } from './deployment.ts'
import { lineReasons, simReasons } from './eligibility.ts'
import { simAfter } from './sim.ts'
import type { Records, World } from './world.ts'

export interface DeploymentRequest {
  readonly orderId: string
  readonly iccid: string
  readonly keyTransport: Uint8Array
}

/** Asked again for an order, it is the same deployment; a failure that SP-TSM was told of is tried once more. */
export async function deployService(world: World, request: DeploymentRequest): Promise<Deployment> {
  return world.transaction(async (records) => {
    await checkEligible(world, records, request.iccid)
    const known = await records.deployments.find(request.orderId)
    const deployment = known === undefined ? await begin(world, records, request) : again(known, request)
    await records.deployments.save(deployment)
    return deployment
  })
}

async function checkEligible({ loadFile }: World, { sims, subscriptions }: Records, iccid: string): Promise<void> {
  const [reason] = simReasons(await sims.find(iccid), loadFile.dataBlock.length).filter((each) => each !== false)
  if (reason !== undefined) throw new Refusal('sim.not-eligible', reason)
  const line = await subscriptions.ofSim(iccid)
  if (line === undefined) throw new Refusal('subscription.not-eligible', 'This SIM carries no line.')
  const [fault] = lineReasons(line).filter((each) => each !== false)
  if (fault !== undefined) throw new Refusal('subscription.not-eligible', fault)
}

/** A SIM has one SP area: a new order takes it from whatever was there before. */
async function begin({ newId, now }: World, { deployments }: Records, request: DeploymentRequest): Promise<Deployment> {
  for (const earlier of await deployments.ofSim(request.iccid))
    if (earlier.state !== 'superseded') await deployments.save(withoutKeys(deploymentAfter('supersede', earlier)))
  return { ...request, sessionId: newId(), state: 'requested', requestedAt: now() }
}

const withoutKeys = ({ wrappedKeySet: _, keySet: __, ...rest }: Deployment): Deployment => rest

function again(known: Deployment, { iccid, keyTransport }: DeploymentRequest): Deployment {
  if (known.iccid !== iccid) throw new Refusal('conditions.not-satisfied', 'The order was for another SIM.')
  if (known.state === 'superseded') throw superseded()
  const { refusal, ...tried } = known
  if (refusal?.told === false) return known
  if (known.keyTransport.toHex() === keyTransport.toHex()) return tried
  if (known.keySet !== undefined)
    throw new Refusal('conditions.not-satisfied', 'The initial key set was sealed for another transport key.')
  return { ...tried, keyTransport }
}

/** What SP-TSM is told: `creating` is a matter of our own. */
export async function serviceState({ transaction }: World, orderId: string) {
  return transaction(async ({ deployments }) => {
    const deployment = await deployments.find(orderId)
    if (deployment === undefined) throw new Refusal('reference.not-found')
    const { state, refusal, keySet } = deployment
    if (refusal?.told === false) await deployments.save({ ...deployment, refusal: { ...refusal, told: true } })
    if (state === 'superseded')
      return { state: 'failed' as const, refusal: { code: superseded().code, detail: superseded().message } }
    return {
      state: refusal !== undefined ? ('failed' as const) : state === 'creating' ? ('requested' as const) : state,
      ...(refusal !== undefined && { refusal: { code: refusal.code, detail: refusal.detail } }),
      ...(keySet !== undefined && { securityDomain: spSecurityDomain, keyVersion: initialKeyVersion, keySet }),
      ...(state === 'appletInstalled' && { instanceAid: appletInstance }),
    }
  })
}

/** What SP-TSM did to the SIM by itself, so that the registry knows it. System Messaging: HandleActionDoneOnService. */
export async function actionDone(
  { transaction }: World,
  orderId: string,
  action: 'personalize' | 'suspend' | 'resume',
): Promise<void> {
  const done = { personalize: 'personalized', suspend: 'suspended', resume: 'personalized' } as const
  await transaction(async ({ sims, deployments }) => {
    const deployment = await deployments.find(orderId)
    const sim = deployment && (await sims.find(deployment.iccid))
    if (sim === undefined || sim.orderId !== orderId) throw new Refusal('reference.not-found')
    if (sim.state !== done[action]) await sims.save(simAfter(action, sim))
  })
}
