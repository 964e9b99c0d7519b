/** MNO-TSM of carrier A: owns the issuer keys of its SIMs, creates the SP area in one of them and puts the applet there. */
import { conversations } from '@mobile-jpki/seram'
import { type Route, serve } from '@mobile-jpki/service'
import { deploymentStage } from './card/stage.ts'
import * as contract from './contract.ts'
import { actionDone, deployService, serviceState } from './domain/deploy.ts'
import { globalEligibility, subscriptionEligibility } from './domain/eligibility.ts'
import { provisionSim } from './domain/provision.ts'
import type { World } from './domain/world.ts'

export type { World } from './domain/world.ts'

export interface MnoTsm {
  readonly routes: readonly Route[]
  /** Lets go of every agent. */
  close(): Promise<void>
}

export function mnoTsm(world: World): MnoTsm {
  const { records, loadFile, devices: supported } = world

  /** ⑮: what the phone's agent reports to, under the session that DeployService gave out. */
  const agents = conversations({
    find: async (sessionId) => {
      const deployment = await records.deployments.ofSession(sessionId)
      return deployment && { seId: deployment.iccid, stage: deploymentStage(world, deployment.orderId) }
    },
    onFault: world.onFault,
  })

  const routes = [
    serve(contract.checkGlobalEligibility, async ({ iccid, device }) =>
      globalEligibility({
        sim: await records.sims.find(iccid),
        loadFileOctets: loadFile.dataBlock.length,
        device,
        supported,
      }),
    ),
    serve(contract.checkMobileSubscriptionEligibility, async (request) =>
      subscriptionEligibility(await records.subscriptions.find(request.msisdn), request),
    ),
    serve(contract.deployService, async (request) => {
      const { sessionId } = await deployService(world, request)
      return { agent: { url: world.agentUrl(), sessionId } }
    }),
    serve(contract.getServiceState, ({ orderId }) => serviceState(world, orderId)),
    serve(contract.handleActionDoneOnService, async ({ orderId, action }) => {
      await actionDone(world, orderId, action)
      return {}
    }),
    serve(contract.provisionSim, async (request) => {
      const { level: _, ...keySet } = await provisionSim(world, request)
      return { keySet }
    }),
    ...agents.routes,
  ]
  return { routes, close: agents.close }
}
