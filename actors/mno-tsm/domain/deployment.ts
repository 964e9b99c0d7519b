/**
 * One order of SP-TSM's (DeployService), as it is carried out in one SIM. Each state is written before what follows it is
 * begun, so that a cut at any APDU is taken up again.
 *
 *   requested ──clear──▶ creating ──createDomain──▶ domainReady ──installApplet──▶ appletInstalled
 *        └───────────────────┴──────── supersede ───────┴──────────────┘──────────▶ superseded
 *
 * A refusal stands beside the state, not in its place: tried again, the deployment goes on from where it stopped.
 */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'

export const deploymentStates = ['requested', 'creating', 'domainReady', 'appletInstalled', 'superseded'] as const
export type DeploymentState = (typeof deploymentStates)[number]

export const deploymentEvents = ['clear', 'createDomain', 'installApplet', 'supersede'] as const
export type DeploymentEvent = (typeof deploymentEvents)[number]

/**
 * `creating`: the SIM held no SP area of an earlier order any more, so that one found from now on is this order's.
 * `superseded`: another order took the SIM.
 */
export const deploymentTransitions: Readonly<
  Record<DeploymentState, Partial<Record<DeploymentEvent, DeploymentState>>>
> = {
  requested: { clear: 'creating', supersede: 'superseded' },
  creating: { createDomain: 'domainReady', supersede: 'superseded' },
  domainReady: { installApplet: 'appletInstalled', supersede: 'superseded' },
  appletInstalled: { supersede: 'superseded' },
  superseded: {},
}

export interface Deployment {
  readonly orderId: string
  readonly iccid: string
  /** Under which the phone's agent reports; a bearer. */
  readonly sessionId: string
  readonly state: DeploymentState
  /** SP-TSM's P-256 point, for which the initial key set is sealed. */
  readonly keyTransport: Uint8Array
  /** The initial key set under a key of the carrier's, in `creating` only: from `domainReady` on no copy is left here. */
  readonly wrappedKeySet?: Uint8Array
  /** The same key set in an envelope that SP-TSM alone opens, from `domainReady` on. */
  readonly keySet?: Uint8Array
  /** `told`: SP-TSM has heard of it, and asking for the service once more means to try once more. */
  readonly refusal?: { readonly code: RefusalCode; readonly detail: string; readonly told: boolean }
  readonly requestedAt: Date
}

export interface Deployments {
  find(orderId: string): Promise<Deployment | undefined>
  ofSession(sessionId: string): Promise<Deployment | undefined>
  /** Every deployment into that SIM. */
  ofSim(iccid: string): Promise<readonly Deployment[]>
  save(deployment: Deployment): Promise<void>
}

export function deploymentAfter(event: DeploymentEvent, deployment: Deployment): Deployment {
  const state = deploymentTransitions[deployment.state][event]
  if (state === undefined)
    throw new Refusal('conditions.not-satisfied', `The deployment is ${deployment.state}: ${event} is not possible.`)
  return { ...deployment, state }
}

export const superseded = (): Refusal =>
  new Refusal('conditions.not-satisfied', 'A later order took the place of this one in the SIM.')
