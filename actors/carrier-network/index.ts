/** 携帯電話網: the service centre between SMPP on one side and phones on the other; routes readable as a table. */
import { SmsDeliver, SmsSubmit, timeStampOf, UserData } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import { TlvError } from '@mobile-jpki/tlv'
import * as contract from './contract.ts'
import { attachments } from './domain/attachments.ts'
import { type Centre, type Notice, serviceCentre } from './domain/centre.ts'
import { type Disturbance, disturbed, undisturbed } from './domain/disturbance.ts'
import type { Lines } from './domain/lines.ts'
import type { Message } from './domain/message.ts'
import { acknowledgement, type Originated, originated, receipt } from './smpp/receipts.ts'
import type { Systems } from './smpp/systems.ts'

export type { Disturbance, Mishap, Way } from './domain/disturbance.ts'

export interface World {
  readonly lines: Lines
  readonly systems: Systems
  /** Address of the service centre. */
  readonly serviceCentre: string
  readonly now: () => Date
  readonly newId: () => string
  readonly disturbance?: Disturbance
  /** How long a phone that asks for a message waits. */
  readonly pollMilliseconds?: number
}

export interface CarrierNetwork {
  readonly centre: Centre
  readonly routes: readonly Route[]
  /** Which connection last wrote to that number: what comes from there goes to it. */
  readonly wrote: (msisdn: string, connection: string) => void
}

export function carrierNetwork(world: World): CarrierNetwork {
  const { lines, systems, now, newId, disturbance = undisturbed, pollMilliseconds = 20_000 } = world
  const phones = attachments(newId)
  const correspondents = new Map<string, string>()

  const tell = (notice: Notice) => {
    const { message } = notice
    const body = notice.kind === 'receipt' ? receipt(message) : acknowledgement(message, notice.userData)
    systems.deliver(message.esme, body, message.connection)
  }
  const centre = serviceCentre({ lines, now, newId, tell, disturbance })
  const carry = disturbed(
    disturbance,
    'fromPhone',
    ({ systemId, message }: { systemId: string; message: Originated }) =>
      systems.deliver(systemId, originated(message), correspondents.get(message.from)),
  )

  const receive = async (attachment: string, signal: AbortSignal): Promise<Message | undefined> => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(pollMilliseconds)])
    const message = await centre.next(phones.simOf(attachment), patience)
    // Meanwhile another phone may have taken the SIM's place.
    return phones.isAttached(attachment) ? message : undefined
  }

  const routes = [
    serve(contract.attach, async ({ iccid }) => {
      const line = await lines.ofSim(iccid)
      if (line === undefined) throw new Refusal('reference.not-found', 'The SIM carries no line of this network.')
      return { attachment: phones.attach(iccid), msisdn: line.msisdn }
    }),
    serve(contract.detach, ({ attachment }) => {
      phones.detach(attachment)
      return {}
    }),
    serve(contract.receiveMessage, async ({ attachment }, { signal }) => {
      const message = await receive(attachment, signal)
      if (message === undefined) return {}
      return { message: { id: message.id, serviceCentre: world.serviceCentre, tpdu: deliverOf(message) } }
    }),
    serve(contract.reportMessage, ({ attachment, id, ...report }) => {
      phones.simOf(attachment)
      centre.report(id, report)
      return {}
    }),
    serve(contract.sendMessage, async ({ attachment, tpdu }) => {
      const line = await lines.ofSim(phones.simOf(attachment))
      if (line === undefined) throw new Refusal('reference.not-found', 'The SIM carries no line of this network.')
      const { destination, pid, dcs, userData } = readSubmit(tpdu)
      const account = systems.ofAddress(destination.digits)
      if (account === undefined)
        throw new Refusal('reference.not-found', `Nobody in this network has the number ${destination.digits}.`)
      carry({
        systemId: account.systemId,
        message: {
          from: line.msisdn,
          to: destination.digits,
          protocolIdentifier: pid,
          dataCodingScheme: dcs,
          userData: UserData.encode(userData),
        },
      })
      return {}
    }),
    serve(contract.setLine, async ({ msisdn, iccid }) => {
      await lines.save({ msisdn, iccid })
      return {}
    }),
    serve(contract.removeLine, async ({ msisdn }) => {
      await lines.remove(msisdn)
      centre.forget(msisdn)
      return {}
    }),
  ]
  return { centre, routes, wrote: (msisdn, connection) => void correspondents.set(msisdn, connection) }
}

const deliverOf = ({ source, protocolIdentifier, dataCodingScheme, acceptedAt, userData }: Message): Uint8Array =>
  SmsDeliver.encode({
    moreMessages: false,
    originator: { type: 'unknown', digits: source },
    pid: protocolIdentifier,
    dcs: dataCodingScheme,
    timeStamp: timeStampOf(acceptedAt),
    userData: UserData.decode(userData),
  })

function readSubmit(tpdu: Uint8Array): SmsSubmit {
  try {
    return SmsSubmit.decode(tpdu)
  } catch (error) {
    if (error instanceof TlvError) throw new Refusal('request.malformed', `The message: ${error.message}.`)
    throw error
  }
}
