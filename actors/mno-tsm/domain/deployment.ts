/**
 * One order of SP-TSM's (DeployService), as it is carried out in one SIM. Each state is written before what follows it is
 * begun, so that a cut at any APDU is taken up again.
 *
 *   requested ──begin──▶ begun ──clear──▶ creating ──createDomain──▶ domainReady ──installApplet──▶ appletInstalled
 *        └──────clear──────┼──────────────────▲                          ▲
 *                          └──────────────createDomain───────────────────┘            any ──supersede──▶ superseded
 *
 * A refusal stands beside the state, not in its place: tried again, the deployment goes on from where it stopped.
 */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'

export const deploymentStates = [
  'requested',
  'begun',
  'creating',
  'domainReady',
  'appletInstalled',
  'superseded',
] as const
export type DeploymentState = (typeof deploymentStates)[number]

export const deploymentEvents = ['begin', 'clear', 'createDomain', 'installApplet', 'supersede'] as const
export type DeploymentEvent = (typeof deploymentEvents)[number]

/**
 * `begun`: everything was sent at once to a SIM that should hold nothing of the kind. Without an answer nobody knows whose
 * the SP area is that is found there: it goes.
 * `creating`: the SIM held no SP area of an earlier order any more, so that one found from now on is this order's.
 * `superseded`: another order took the SIM.
 */
export const deploymentTransitions: Readonly<
  Record<DeploymentState, Partial<Record<DeploymentEvent, DeploymentState>>>
> = {
  requested: { begin: 'begun', clear: 'creating', supersede: 'superseded' },
  begun: { clear: 'creating', createDomain: 'domainReady', supersede: 'superseded' },
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
  /** SP-TSM's own keys for the SP area, sealed for the SIM: relayed, and read by nobody here. Then there is no initial key set. */
  readonly setUp?: { readonly keyVersion: number; readonly message: Uint8Array }
  /** The initial key set under a key of the carrier's, in `begun` and `creating` only: from `domainReady` on no copy is left here. */
  readonly wrappedKeySet?: Uint8Array
  /** The same key set in an envelope that SP-TSM alone opens, from `domainReady` on. */
  readonly keySet?: Uint8Array
  /** `told`: SP-TSM has heard of it, and asking for the service once more means to try once more. */
  readonly refusal?: { readonly code: RefusalCode; readonly detail: string; readonly told: boolean }
  /** Delegated management: the number of the last token given, and of the last receipt verified. They go up with the SIM. */
  readonly lastToken?: number
  readonly lastReceipt?: number
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
