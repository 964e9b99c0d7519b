/** MNO-TSM of one carrier or several: owns the issuer keys of their SIMs, creates the SP area in one of them and puts the applet there. */
import { Refusal } from '@mobile-jpki/refusal'
import { conversations } from '@mobile-jpki/seram'
import { type Route, serve } from '@mobile-jpki/service'
import { listCarriers, listLines, listSims, showLine, showSim } from './back-office/entries.ts'
import * as lines from './back-office/lines.ts'
import { disposeSim } from './back-office/sims.ts'
import { needBearer } from './bearers/bearers.ts'
import { scriptRoutes } from './bearers/routes.ts'
import { deploymentStage } from './card/stage.ts'
import { domainTermsOf } from './card/terms.ts'
import * as contract from './contract.ts'
import { generateTokens, verifyReceipts } from './domain/delegation.ts'
import { actionDone, deployService, serviceState, terminateService } from './domain/deploy.ts'
import { globalEligibility, subscriptionEligibility } from './domain/eligibility.ts'
import { provisionSim } from './domain/provision.ts'
import type { World } from './domain/world.ts'
import { acting, looking } from './edge.ts'

export type { World } from './domain/world.ts'

export interface MnoTsm {
  readonly routes: readonly Route[]
  /** Lets go of every agent. */
  close(): Promise<void>
}

export function mnoTsm(world: World): MnoTsm {
  const { records, carriers, loadFile } = world

  /** ⑮: what the phone's agent reports to, under the session that DeployService gave out. */
  const agents = conversations({
    find: async (sessionId) => {
      const deployment = await records.deployments.ofSession(sessionId)
      return deployment && { seId: deployment.iccid, stage: deploymentStage(world, deployment.orderId) }
    },
    onFault: world.onFault,
  })

  const routes = [
    serve(contract.checkGlobalEligibility, (request) =>
      looking(world, request, async () =>
        globalEligibility(
          { carriers, loadFileOctets: loadFile.dataBlock.length },
          await records.sims.find(request.iccid),
          request,
        ),
      ),
    ),
    serve(contract.checkMobileSubscriptionEligibility, (request) =>
      looking(world, request, async () =>
        subscriptionEligibility(carriers, await records.subscriptions.find(request.carrier, request.msisdn), request),
      ),
    ),
    serve(contract.deployService, async (request, context) => {
      const { orderId, iccid, bearer = 'agent' } = request
      const reply = await acting(world, contract.deployService, request, context, async (held) => {
        const { sessionId } = await deployService(held, request)
        const sim = await held.records.sims.find(iccid)
        if (sim === undefined) throw new Refusal('reference.not-found')
        if (bearer !== 'agent') needBearer(world, sim, bearer)
        return { agent: { url: world.agentUrl(), sessionId }, terms: domainTermsOf(carriers.typeOf(sim)) }
      })
      if (bearer !== 'agent') world.bearers?.carry(orderId, { iccid, bearer }, deploymentStage(world, orderId))
      return reply
    }),
    serve(contract.getServiceState, (request) => looking(world, request, () => serviceState(world, request.orderId))),
    serve(contract.generateDmToken, (request, context) =>
      acting(world, contract.generateDmToken, request, context, async (held) => ({
        tokens: await generateTokens(held, request.orderId, request.commands),
      })),
    ),
    serve(contract.verifyDmReceipt, (request, context) =>
      acting(world, contract.verifyDmReceipt, request, context, async (held) => ({
        confirmations: await verifyReceipts(held, request.orderId, request.receipts),
      })),
    ),
    serve(contract.handleActionDoneOnService, (request, context) =>
      acting(world, contract.handleActionDoneOnService, request, context, async (held) => {
        await actionDone(held, request.orderId, request.action)
        return {}
      }),
    ),
    serve(contract.terminateService, (request, context) =>
      acting(world, contract.terminateService, request, context, async (held) =>
        (await terminateService(held, request.orderId))
          ? { warning: 'The SIM is cleared when it is reached next.' }
          : {},
      ),
    ),
    serve(contract.provisionSim, async (request) => {
      const provisioned = await looking(world, request, () => provisionSim(world, request))
      world.onNews()
      return provisioned
    }),
    serve(contract.changeLineStatus, (request, context) =>
      acting(world, contract.changeLineStatus, request, context, (held) => lines.changeLineStatus(held, request)),
    ),
    serve(contract.changeNumber, (request, context) =>
      acting(world, contract.changeNumber, request, context, (held) => lines.changeNumber(held, request)),
    ),
    serve(contract.replaceSim, (request, context) =>
      acting(world, contract.replaceSim, request, context, (held) => lines.replaceSim(held, request)),
    ),
    serve(contract.movePhoneNumber, (request, context) =>
      acting(world, contract.movePhoneNumber, request, context, (held) => lines.movePhoneNumber(held, request)),
    ),
    serve(contract.changeDevice, (request, context) =>
      acting(world, contract.changeDevice, request, context, (held) => lines.changeDevice(held, request)),
    ),
    serve(contract.disposeSim, (request, context) =>
      acting(world, contract.disposeSim, request, context, (held) => disposeSim(held, request)),
    ),
    serve(contract.listCarriers, () => listCarriers(world)),
    serve(contract.listSims, (request) => listSims(world, request)),
    serve(contract.showSim, ({ iccid }) => showSim(world, iccid)),
    serve(contract.listLines, (request) => listLines(world, request)),
    serve(contract.showLine, ({ msisdn }) => showLine(world, msisdn)),
    ...agents.routes,
    ...scriptRoutes(world),
  ]
  const close = async () => {
    await Promise.all([agents.close(), world.bearers?.close()])
  }
  return { routes, close }
}
