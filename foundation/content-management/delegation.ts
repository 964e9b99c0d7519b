/** Tokens in commands, receipts for them: delegated management seen from outside the card. GPCS v2.3.1 §9.2, §11.1.6, §C.4, §C.5. */
import {
  Confirmation,
  Delete,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  type ReceiptContext,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import type { Instruction } from '@mobile-jpki/seram'
import type { Step } from './steps.ts'

export interface Granted {
  /** The value of 'B6'. */
  readonly control: Uint8Array
  readonly token: Uint8Array
}

/** The command as its token signs it: with data object 'B6', and no token yet. Undefined for a command that takes none. */
export const withControl = (apdu: CommandApdu, digitalSignature: Uint8Array): CommandApdu | undefined =>
  complete(apdu, { digitalSignature })

export function withToken(instruction: Instruction, { control, token }: Granted): Instruction {
  const apdu = complete(instruction.apdu, { digitalSignature: control, token })
  if (apdu === undefined) throw new TypeError(`${instruction.what} takes no token`)
  return { ...instruction, apdu }
}

function complete(
  apdu: CommandApdu,
  { digitalSignature, token }: { readonly digitalSignature: Uint8Array; readonly token?: Uint8Array },
): CommandApdu | undefined {
  const signed = token === undefined ? {} : { token }
  if (InstallForLoad.matches(apdu)) {
    const { data } = InstallForLoad.fromApdu(apdu)
    const parameters = { ...data.parameters, digitalSignature }
    return InstallForLoad.toApdu({ data: { ...data, parameters, ...signed } })
  }
  if (InstallForInstall.matches(apdu)) {
    const { p1, data } = InstallForInstall.fromApdu(apdu)
    const parameters = { ...data.parameters, digitalSignature }
    return InstallForInstall.toApdu({ p1, data: { ...data, parameters, ...signed } })
  }
  if (Delete.matches(apdu)) {
    const { p2, data } = Delete.fromApdu(apdu)
    return Delete.toApdu({ p2, data: { ...data, digitalSignature, ...signed } })
  }
  return undefined
}

/** A receipt as the card gave it, with the command that it is for. */
export interface Received {
  readonly command: CommandApdu
  readonly confirmation: Uint8Array
}

/** The receipts among the answers to some steps: each stands in the answer to its step's last command. */
export function receiptsIn(steps: readonly Step[], answers: readonly Uint8Array[]): readonly Received[] {
  let at = 0
  return steps.flatMap(({ command, blocks }) => {
    at += 1 + blocks.length
    const confirmation = answers[at - 1] ?? new Uint8Array()
    return Confirmation.decode(confirmation) === undefined ? [] : [{ command: command.apdu, confirmation }]
  })
}

/** What a receipt for that command covers; undefined for a command that has none. GPCS §C.5. */
export function receiptContextOf(apdu: CommandApdu, securityDomain: Uint8Array): ReceiptContext | undefined {
  if (InstallForLoad.matches(apdu)) {
    const { data } = InstallForLoad.fromApdu(apdu)
    return { of: 'load', loadFile: data.loadFile, securityDomain: data.securityDomain ?? securityDomain }
  }
  if (InstallForInstall.matches(apdu)) {
    const { data } = InstallForInstall.fromApdu(apdu)
    return { of: 'install', loadFile: data.loadFile, instance: data.instance }
  }
  if (InstallForExtradition.matches(apdu)) {
    const { data } = InstallForExtradition.fromApdu(apdu)
    return { of: 'extradition', from: securityDomain, application: data.application, to: data.securityDomain }
  }
  if (Delete.matches(apdu)) {
    const [aid] = Delete.fromApdu(apdu).data.aids
    return aid && { of: 'delete', aid }
  }
  return undefined
}
