/** A system's connection to the service centre: open, then bound. SMPP v3.4 §2.2. */
import type { Socket } from 'node:net'
import { type PduNamed, type SmppStatus, UserData } from '@mobile-jpki/ota'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type Answer, type SmppConnection, smppConnection } from '@mobile-jpki/smpp'
import { TlvError } from '@mobile-jpki/tlv'
import type { Trace } from '@mobile-jpki/trace'
import type { Centre } from '../domain/centre.ts'
import type { Submission } from '../domain/message.ts'
import type { Account, Systems } from './systems.ts'
import { endOfValidity } from './times.ts'

export interface SessionsWorld {
  readonly centre: Centre
  readonly systems: Systems
  readonly now: () => Date
  readonly newId: () => string
  readonly trace: Trace
  /** Told which connection last wrote to that number. */
  readonly wrote: (msisdn: string, connection: string) => void
  readonly onFault: (error: unknown) => void
}

/** SMPP v3.4 §5.2.16: as long as a centre keeps a message if nobody says otherwise. */
const usualValidity = 24 * 60 * 60

export function serveSystem(socket: Socket, world: SessionsWorld): SmppConnection {
  const { systems, newId, trace } = world
  const id = newId()
  let account: Account | undefined
  const connection: SmppConnection = smppConnection({
    socket,
    ends: { self: 'carrier-network', peer: 'mno-tsm' },
    trace,
    answers: {
      bindTransceiver: ({ systemId, password }): Answer<'bindTransceiver'> => {
        if (account !== undefined) return { status: 'alreadyBound' }
        account = systems.bind(systemId, password, id, connection)
        return account === undefined ? { status: 'bindFailed' } : { status: 'ok', systemId: 'carrier-network' }
      },
      submitSm: (request) =>
        account === undefined ? { status: 'incorrectBindStatus' } : submit(world, id, account, request),
    },
  })
  void connection.ended.then(() => systems.leave(id))
  return connection
}

/** What a refusal of the centre is in SMPP: the edge. */
const statuses: Partial<Record<RefusalCode, Exclude<SmppStatus, 'ok'>>> = {
  'reference.not-found': 'invalidDestination',
  'rate.exceeded': 'messageQueueFull',
  'not-supported': 'submitFailed',
  'request.malformed': 'submitFailed',
  'caller.not-allowed': 'invalidSource',
}

async function submit(
  { centre, now, wrote, onFault }: SessionsWorld,
  connection: string,
  account: Account,
  request: PduNamed<'submitSm'>,
): Promise<Answer<'submitSm'>> {
  try {
    const submission = submissionOf(request, account, connection, now())
    const { id } = await centre.submit(submission)
    wrote(submission.destination, connection)
    return { status: 'ok', messageId: id }
  } catch (error) {
    const status = error instanceof Refusal ? statuses[error.code] : undefined
    if (status !== undefined) return { status }
    onFault(error)
    return { status: 'systemError' }
  }
}

/** registered_delivery, SMPP v3.4 §5.2.17. */
const receipts: readonly Submission['receipt'][] = ['never', 'always', 'on failure', 'never']
const wantsAcknowledgement = 0x04

function submissionOf(request: PduNamed<'submitSm'>, account: Account, connection: string, now: Date): Submission {
  const { source, destination, esmClass, registeredDelivery, shortMessage } = request
  if (source.digits !== '' && source.digits !== account.address)
    throw new Refusal('caller.not-allowed', `${source.digits} is not the number of ${account.systemId}.`)
  if (esmClass.type !== 'message' || !esmClass.header || request.scheduleDeliveryTime !== '')
    throw new Refusal('not-supported', 'This network carries data messages with a header, at once.')
  const validUntil = endOfValidity(request.validityPeriod, now, usualValidity)
  if (validUntil === undefined || !isUserData(shortMessage)) throw new Refusal('request.malformed')
  return {
    esme: account.systemId,
    connection,
    source: account.address,
    destination: nationalOf(destination.digits),
    protocolIdentifier: request.protocolId,
    dataCodingScheme: request.dataCoding,
    userData: shortMessage,
    validUntil,
    receipt: receipts[registeredDelivery & 0x03] ?? 'never',
    acknowledgement: (registeredDelivery & wantsAcknowledgement) !== 0,
  }
}

function isUserData(octets: Uint8Array): boolean {
  try {
    UserData.decode(octets)
    return octets.length <= 140
  } catch (error) {
    if (error instanceof TlvError) return false
    throw error
  }
}

/** +81 90 … is 090 …: E.164, in the country of the network. */
const nationalOf = (digits: string): string => (digits.startsWith('81') ? `0${digits.slice(2)}` : digits)
