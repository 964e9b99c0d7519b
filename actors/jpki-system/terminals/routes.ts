/** The routes for those who run terminals, and for those who believe them. */
import { type Route, serve } from '@mobile-jpki/service'
import { callerIn } from '../edge.ts'
import { certifyTerminal, describeTerminals, enrolTerminal, listTerminals, revokeTerminal } from './contract.ts'
import { certify, enrolTerminal as enrol, revokeTerminal as revoke } from './enrolment.ts'
import { currentList } from './revoked-list.ts'
import type { TerminalRecord } from './terminal.ts'
import type { TerminalWorld } from './world.ts'

const shown = ({ publicKey: _, ...terminal }: TerminalRecord) => ({
  ...terminal,
  state: terminal.revokedAt === undefined ? ('enrolled' as const) : ('revoked' as const),
})

export const terminalRoutes = (world: TerminalWorld): readonly Route[] => [
  serve(enrolTerminal, async (asked, context) => shown(await enrol(world, asked, callerIn(context)))),
  serve(listTerminals, async () => ({ terminals: (await world.register.terminals.all()).map(shown) })),
  serve(revokeTerminal, async ({ terminalId }, context) => shown(await revoke(world, terminalId, callerIn(context)))),
  serve(certifyTerminal, async (asked, context) => ({ certificate: await certify(world, asked, callerIn(context)) })),
]

/** In plain HTTP, beside OCSP and lists. */
export const publishedTerminals = (world: TerminalWorld): readonly Route[] => [
  serve(describeTerminals, async () => ({
    caIdentifier: world.ca.caIdentifier,
    publicKey: world.ca.point,
    list: await currentList(world),
  })),
]
