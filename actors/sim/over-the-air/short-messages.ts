/**
 * Short messages for the card: SMS-DELIVER by ENVELOPE, in parts and in any order; the proof of receipt goes back in the delivery
 * report, or in a message of its own. 3GPP TS 31.111 §7.1.1, TS 31.115 §4.
 */
import { type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import {
  type Address,
  commandPacketElement,
  dcsEightBitClass2,
  type Envelope,
  hasElement,
  type JoinLimits,
  join,
  longestReport,
  longestUserData,
  partOf,
  responsePacketElement,
  SmsDeliver,
  SmsSubmit,
  split,
  UserData,
} from '@mobile-jpki/ota'
import { CardRefusal, RefusedAnswer, refusedAnswer } from '../domain/rules.ts'
import { answer, type CardContext, type RunCommand } from '../domain/state.ts'
import { ask } from './proactive.ts'
import { type Proof, receivePacket } from './receiver.ts'

type SmsDownload = Extract<Envelope, { kind: 'smsDownload' }>

/** Of two senders at once, each as long as half of the RAM can hold. */
const limitsOf = ({ ramSize }: CardContext): JoinLimits => ({
  messages: 2,
  parts: Math.min(0xff, Math.floor(ramSize / 2 / longestUserData)),
})

export function deliver(card: CardContext, { tpdu, serviceCentre }: SmsDownload, run: RunCommand): ResponseApdu {
  const { toolkit } = card
  const { originator, userData } = SmsDeliver.decode(tpdu)
  const limits = limitsOf(card)
  if ((partOf(userData)?.total ?? 1) > limits.parts) throw new CardRefusal('message.parts')
  const { pending, whole } = join(toolkit.messages, originator.digits, userData, limits)
  toolkit.messages = pending
  if (whole === undefined) return answer()
  if (!hasElement(whole, commandPacketElement)) throw new CardRefusal('message.kind')

  const { proof, refusal } = receivePacket(card, whole.data, run)
  const report = proof === undefined ? new Uint8Array() : give(card, proof, originator, serviceCentre)
  if (refusal === undefined) return answer(report)
  const refused = refusedAnswer(refusal)
  throw new RefusedAnswer(proof === undefined ? refused.response : { data: report, sw: SW.ok }, refused.refusal)
}

/** The user data of the delivery report. */
function give(card: CardContext, proof: Proof, to: Address, serviceCentre: Address | undefined): Uint8Array {
  const inReport = (packet: Uint8Array) => UserData.encode({ elements: [responsePacketElement], data: packet })
  if (proof.by === 'submit') {
    submit(card, proof.packet, to, serviceCentre)
    return new Uint8Array()
  }
  const report = inReport(proof.packet)
  if (report.length <= longestReport) return report
  submit(card, proof.packet, to, serviceCentre)
  return inReport(proof.announcement)
}

function submit({ toolkit }: CardContext, packet: Uint8Array, destination: Address, address?: Address): void {
  const devices = { source: 'uicc', destination: 'network' } as const
  for (const userData of split(responsePacketElement, packet, toolkit.number)) {
    const message = { reference: 0, destination, pid: 0, dcs: dcsEightBitClass2, userData }
    const tpdu = SmsSubmit.encode(message)
    ask(toolkit, {
      command: (number) => ({
        details: { number, type: 'sendShortMessage', qualifier: 0 },
        devices,
        ...(address !== undefined && { address }),
        tpdu,
      }),
    })
  }
}
