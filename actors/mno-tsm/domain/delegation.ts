/**
 * Delegated management, the carrier's side: a token for what the order is about and for nothing else, and receipts that prove what the
 * SIM did. GPCS v2.3.1 §9.1.3, §9.2, §C.4, §C.5.
 */
import {
  deleting,
  installing,
  loading,
  type Received,
  receiptContextOf,
  type Step,
  withControl,
} from '@mobile-jpki/content-management'
import {
  Confirmation,
  InstallForInstall,
  InstallForLoad,
  TokenControl,
  verifyReceipt,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, parseCommandApdu } from '@mobile-jpki/iso7816'
import { iccidOctets, spSecurityDomain } from '@mobile-jpki/jpki'
import { placement } from '@mobile-jpki/jpki-applet/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { sameOctets, TlvError } from '@mobile-jpki/tlv'
import { recordInstalled } from './deploy.ts'
import type { Deployment } from './deployment.ts'
import type { LoadFile } from './load-file.ts'
import type { Sim } from './sim.ts'
import type { Records, World } from './world.ts'

export interface Token {
  /** Data object 'B6' of the command: for this SIM, and the token's number. */
  readonly control: Uint8Array
  readonly token: Uint8Array
}

/** The numbers go up with the SIM, so that a token serves once. */
export const generateTokens = (world: World, orderId: string, commands: readonly Uint8Array[]): Promise<Token[]> =>
  world.transaction(async (records) => {
    const { deployment, sim, earlier } = await delegated(world, records, orderId)
    const { sign } = await world.keys.token(sim)
    let number = highest(earlier, 'lastToken')
    const tokens = commands.map((command) => {
      const apdu = granted(world.loadFile, command)
      number += 1
      const control = TokenControl.encode({ cardImageNumber: iccidOctets(sim.iccid), tokenNumber: number })
      const controlled = withControl(apdu, control)
      if (controlled === undefined) throw new Refusal('delegation.not-granted')
      return { control, token: sign(controlled) }
    })
    await records.deployments.save({ ...deployment, lastToken: number })
    return tokens
  })

/** What the order is about, command by command: anything else is refused, and the words say what is another. */
function granted(loadFile: LoadFile, command: Uint8Array): CommandApdu {
  const apdu = commandIn(command)
  const steps: readonly Step[] = [
    loading({ ...placement, loadFile, securityDomain: spSecurityDomain, dapBlocks: [] }, 1 << 20),
    installing({ ...placement, loadFile }),
    deleting(placement.instance),
    deleting(loadFile.aid),
  ]
  const isOne = steps.some((step) => sameOctets(encodeCommandApdu(step.command.apdu), command))
  if (isOne) return apdu
  throw new Refusal('delegation.not-granted', wordsFor(loadFile, apdu), { whose: 'sp-tsm' })
}

function wordsFor({ aid, hash }: LoadFile, apdu: CommandApdu): string {
  if (InstallForLoad.matches(apdu)) {
    const { data } = InstallForLoad.fromApdu(apdu)
    if (!sameOctets(data.loadFile, aid)) return 'The load file is another package than SP’s.'
    if (data.hash === undefined || !sameOctets(data.hash, hash)) return 'The hash is not that of SP’s load file.'
    if (data.securityDomain === undefined || !sameOctets(data.securityDomain, spSecurityDomain))
      return 'The load file is to go into the SP area, and nowhere else.'
  }
  if (InstallForInstall.matches(apdu)) {
    const { instance, privileges } = InstallForInstall.fromApdu(apdu).data
    if (!sameOctets(instance, placement.instance)) return 'The instance is another than that of the order.'
    if (privileges.length > 0) return 'The applet has no privileges.'
  }
  return 'No token is given for such a command.'
}

function commandIn(octets: Uint8Array): CommandApdu {
  try {
    const apdu = parseCommandApdu(octets)
    // Read by its declaration, so that what the card would refuse is refused here.
    withControl(apdu, new Uint8Array())
    return apdu
  } catch (cause) {
    if (cause instanceof TlvError || (cause instanceof Error && cause.name === 'ApduError'))
      throw new Refusal('request.malformed', `The command does not follow its format: ${cause.message}.`, { cause })
    throw cause
  }
}

/** The number of the last receipt. Receipts of this order may be told again; older ones were seen before, or are not of this SIM. */
export const verifyReceipts = (
  world: World,
  orderId: string,
  receipts: readonly { readonly command: Uint8Array; readonly confirmation: Uint8Array }[],
): Promise<number> =>
  world.transaction(async (records) => {
    const { deployment, sim, earlier } = await delegated(world, records, orderId)
    const key = await world.keys.receipt(sim)
    const others = earlier.filter((one) => one.orderId !== orderId)
    let last = highest(others, 'lastReceipt')
    let isInstalled = false
    for (const { command, confirmation } of receipts) {
      const received = { command: commandIn(command), confirmation }
      const { counter, context } = proven(key, sim, received)
      if (counter <= last) throw invalid(`Its counter is ${counter}, and ${last} was seen before.`)
      last = counter
      isInstalled = context.of === 'install' && sameOctets(context.instance, placement.instance)
    }
    const { lastReceipt = 0 } = deployment
    const next = { ...deployment, lastReceipt: Math.max(last, lastReceipt) }
    await records.deployments.save(next)
    if (isInstalled) await recordInstalled(records, next, sim)
    return next.lastReceipt
  })

function proven(key: { type: 'DES' | 'AES'; key: Uint8Array }, sim: Sim, { command, confirmation }: Received) {
  const context = receiptContextOf(command, spSecurityDomain)
  const given = readConfirmation(confirmation)
  if (context === undefined || given === undefined) throw invalid('There is none for this command.')
  if (given.data.cardUniqueData.toHex().toUpperCase() !== sim.seId) throw invalid('It is of another SIM.')
  const length = key.type === 'DES' ? 8 : 16
  if (given.receipt.length !== length || !verifyReceipt(key, given, context)) throw invalid('It is not the SIM’s.')
  return { counter: given.data.counter, context }
}

function readConfirmation(octets: Uint8Array) {
  try {
    return Confirmation.decode(octets)
  } catch (cause) {
    if (cause instanceof TlvError) throw invalid('It does not follow its format.')
    throw cause
  }
}

const invalid = (words: string) =>
  new Refusal('delegation.receipt-invalid', `The receipt does not verify. ${words}`, { whose: 'sim' })

const highest = (deployments: readonly Deployment[], of: 'lastToken' | 'lastReceipt'): number =>
  deployments.reduce((most, one) => Math.max(most, one[of] ?? 0), 0)

/** The order has the SIM, its SP area is there, and the model is the delegated one. */
async function delegated({ carriers }: World, { deployments, sims }: Records, orderId: string) {
  const deployment = await deployments.find(orderId)
  const sim = deployment && (await sims.find(deployment.iccid))
  if (deployment === undefined || sim === undefined || sim.orderId !== orderId) throw new Refusal('reference.not-found')
  if (carriers.typeOf(sim).management.model !== 'delegated')
    throw new Refusal('not-supported', `A SIM of type ${sim.profile} is not managed by tokens.`)
  if (deployment.state !== 'domainReady' && deployment.state !== 'appletInstalled')
    throw new Refusal('conditions.not-satisfied', 'The SP area of this order is not there.')
  return { deployment, sim, earlier: await deployments.ofSim(sim.iccid) }
}
