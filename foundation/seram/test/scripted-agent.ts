/** A TSM on a real socket and an agent that does what the test says, for the tests of this folder. */
import { type CommandApdu, encodeResponseApdu, parseCommandApdu, SW } from '@mobile-jpki/iso7816'
import { call, listen, type Peer } from '@mobile-jpki/service'
import {
  type ConversationsWorld,
  conversations,
  handshake,
  type Instruction,
  type Order,
  remoteManagement,
} from '../index.ts'

export const iccid = '8981100000000000001'
export const sessionId = '00000000-0000-4000-8000-000000000001'

export async function tsm(world: ConversationsWorld) {
  const agents = conversations(world)
  const server = await listen({ actor: 'mno-tsm', routes: agents.routes, port: 0 })
  const peer: Peer = { url: server.url, actor: 'mno-tsm', as: 'phone' }
  return {
    peer,
    greet: (seId = iccid, session = sessionId) =>
      call(peer, handshake, { sessionId: session, secureElements: [{ seType: 'UICC', seId }], versions: ['2.0'] }),
    report: async (report?: Report, session = sessionId): Promise<Order> =>
      (await call(peer, remoteManagement, { sessionId: session, ...(report && { report }) })).next,
    close: async () => {
      await agents.close()
      await server.close()
    },
  }
}

export interface Report {
  batch: number
  responses: Uint8Array[]
  cardAbsent?: boolean
}

/** A command that says who it is: P2 counts. */
export const instruction = (p2: number): Instruction => ({
  what: `COMMAND ${p2}`,
  apdu: { cla: 0x80, ins: 0x10, p1: 0, p2, data: new Uint8Array() },
})

export type Answer = (apdu: CommandApdu) => { sw: number; data?: Uint8Array }
export const echo: Answer = ({ p2 }) => ({ sw: SW.ok, data: Uint8Array.of(p2) })

/** What an agent does with a `run` order. */
export function execute(order: Order, answer: Answer = echo): Report {
  if (order.order !== 'run') throw new Error(`the agent is told to ${order.order}`)
  const responses: Uint8Array[] = []
  for (const octets of order.commands) {
    const { sw, data = new Uint8Array() } = answer(parseCommandApdu(octets))
    responses.push(encodeResponseApdu({ sw, data }))
    if (sw !== SW.ok) break
  }
  return { batch: order.batch, responses }
}
