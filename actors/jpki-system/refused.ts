/** What the journal keeps of an attempt that was refused: who asked for what, about which order or certificate, and the code of the answer. */
import type { Act } from '@mobile-jpki/journal'
import type { Attempt } from '@mobile-jpki/service'
import { z } from 'zod'
import { certificateNamed } from './domain/acts.ts'
import { OrderId, SerialNumber } from './names.ts'
import { TerminalId } from './terminals/contract.ts'
import { terminalNamed } from './terminals/terminal.ts'

/** The fields by which messages name what they are about. None of them is personal, and nothing else of a message is kept. */
const subjects = [
  z.object({ orderId: OrderId }).transform(({ orderId }) => orderId),
  z.object({ terminalId: TerminalId }).transform(({ terminalId }) => terminalNamed(terminalId)),
  z.object({ authority: z.enum(['sign', 'auth']), serialNumber: SerialNumber }).transform(certificateNamed),
  z
    .object({ signCertificate: SerialNumber })
    .transform(({ signCertificate: serialNumber }) => certificateNamed({ authority: 'sign', serialNumber })),
  z
    .object({ authCertificate: SerialNumber })
    .transform(({ authCertificate: serialNumber }) => certificateNamed({ authority: 'auth', serialNumber })),
] as const

export const refusedAct = ({ caller, request, what, message, code }: Attempt): Act => ({
  by: { actor: caller, request },
  act: what,
  subject: subjects.map((one) => one.safeParse(message).data).find((name) => name !== undefined) ?? '',
  outcome: code,
})
