/** ⑮: the deployment in the SIM, by the phone's agent. Looks at the record and at the card, then does what is missing. */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Outcome, SecureChannel, Stage } from '@mobile-jpki/seram'
import { type Deployment, type DeploymentEvent, deploymentAfter, superseded } from '../domain/deployment.ts'
import { profiles, type SimProfile } from '../domain/profiles.ts'
import { type Sim, type SimEvent, simAfter } from '../domain/sim.ts'
import type { Records, World } from '../domain/world.ts'
import { installApplet } from './applet.ts'
import { newKeySet, sealForSpTsm } from './initial-keys.ts'
import { openIssuerChannel } from './registry.ts'
import { clearSpDomain, createSpDomain } from './sp-domain.ts'

export const deploymentStage =
  (world: World, orderId: string): Stage =>
  async (element): Promise<Outcome> => {
    const { deployment, sim } = await present(world.records, orderId)
    if (deployment.refusal !== undefined)
      return { outcome: 'stop', trouble: new Refusal(deployment.refusal.code, deployment.refusal.detail) }
    if (deployment.state === 'superseded') return { outcome: 'stop', trouble: superseded() }
    if (deployment.state === 'appletInstalled') return { outcome: 'done' }
    try {
      const channel = await openIssuerChannel(world, sim, element)
      await proceed(world, channel, profiles[sim.profile], deployment)
      return { outcome: 'done' }
    } catch (error) {
      if (error instanceof Refusal && !passing.has(error.code)) await remember(world, orderId, error)
      throw error
    }
  }

/** Nothing is wrong with the deployment: the next handshake goes on. */
const passing: ReadonlySet<RefusalCode> = new Set(['card.absent', 'store.busy'])

async function proceed(
  world: World,
  channel: SecureChannel,
  profile: SimProfile,
  deployment: Deployment,
): Promise<void> {
  switch (deployment.state) {
    case 'requested': {
      await clearSpDomain(channel)
      const wrappedKeySet = await world.keys.wrap(newKeySet(world), deployment.orderId)
      return proceed(world, channel, profile, await record(world, deployment, 'clear', { wrappedKeySet }))
    }
    case 'creating': {
      const { wrappedKeySet = new Uint8Array(), ...known } = deployment
      const plain = await world.keys.unwrap(wrappedKeySet, deployment.orderId)
      await createSpDomain(channel, profile, plain)
      const keySet = await sealForSpTsm(world, known, plain)
      plain.fill(0)
      return proceed(world, channel, profile, await record(world, deployment, 'createDomain', { keySet }))
    }
    case 'domainReady':
      await installApplet(channel, profile, world.loadFile)
      await record(world, deployment, 'installApplet', {})
      return
    case 'appletInstalled':
    case 'superseded':
      return
  }
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
  event: DeploymentEvent & SimEvent,
  keys: Pick<Deployment, 'wrappedKeySet' | 'keySet'>,
): Promise<Deployment> =>
  transaction(async (records) => {
    const { deployment, sim } = await present(records, orderId)
    const { wrappedKeySet: _, ...moved } = deploymentAfter(event, deployment)
    const next = { ...moved, ...keys }
    await records.deployments.save(next)
    await records.sims.save({ ...simAfter(event, sim), orderId })
    return next
  })

const remember = ({ transaction }: World, orderId: string, { code, message: detail }: Refusal): Promise<void> =>
  transaction(async ({ deployments }) => {
    const deployment = await deployments.find(orderId)
    if (deployment !== undefined && deployment.state !== 'superseded')
      await deployments.save({ ...deployment, refusal: { code, detail, told: false } })
  })
