/** The off-card end: SELECT, a secure channel, commands through it. All that passes the contacts can be looked at. GPCS v2.3.1 §10. */
import {
  cutPutKey,
  InitializeUpdate,
  type KeySet,
  openHostSession,
  type Scp,
  type SecureChannelSession,
  type SecurityLevel,
  Select,
  unwrap,
  wrap,
} from '@mobile-jpki/globalplatform'
import {
  type Card,
  type CommandApdu,
  encodeCommandApdu,
  parseResponseApdu,
  type ResponseApdu,
  StatusWordError,
} from '@mobile-jpki/iso7816'

/** One command and its answer, as they pass the contacts. */
export interface Passed {
  readonly sent: Uint8Array
  readonly received: Uint8Array
}

/** An answer out of the secure channel, and what passed for it: several pairs where a long command was cut. */
export interface Answered {
  readonly response: ResponseApdu
  readonly passed: readonly Passed[]
}

export interface Opening {
  /** The security domain. */
  readonly aid: Uint8Array
  readonly keys: KeySet
  readonly keyVersion: number
  readonly scp: Scp
  readonly level: SecurityLevel
}

export interface Host {
  readonly session: SecureChannelSession | undefined
  select(aid: Uint8Array): Promise<ResponseApdu>
  /** SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE. Throws StatusWordError, or SecureChannelError for a card that is not the one. */
  open(opening: Opening): Promise<readonly Passed[]>
  /** Through the secure channel, where one is open. */
  send(apdu: CommandApdu): Promise<Answered>
  /** As it is; the secure channel of this host is over, and what follows goes in the clear. */
  sendPlain(octets: Uint8Array): Promise<Answered>
  /** As it is, beside the secure channel: for other logical channels. */
  sendBeside(octets: Uint8Array): Promise<Answered>
  /** The secure channel of this host is over, whatever the card thinks. */
  forget(): void
  /** Through the secure channel; another answer than success is thrown. */
  must(name: string, apdu: CommandApdu): Promise<Uint8Array>
}

/** PUT KEY, INSTALL and DELETE, when they are long: P1 b8 announces more. GPCS §11.8.2.1, §11.5.2.1, §11.2.2.1. */
const comesInPieces: readonly number[] = [0xd8, 0xe6, 0xe4]

export function hostOn(card: Card, random: (length: number) => Uint8Array): Host {
  let session: SecureChannelSession | undefined

  const pass = async (sent: Uint8Array): Promise<Passed> => ({ sent, received: await card.transmit(sent) })
  const sendBeside = async (octets: Uint8Array): Promise<Answered> => {
    const passed = await pass(octets)
    return { response: parseResponseApdu(passed.received), passed: [passed] }
  }
  const sendPlain = (octets: Uint8Array): Promise<Answered> => {
    session = undefined
    return sendBeside(octets)
  }
  const accepted = async (name: string, apdu: CommandApdu): Promise<Answered> => {
    const answered = await sendPlain(encodeCommandApdu(apdu))
    if (answered.response.sw !== 0x9000) throw new StatusWordError(name, answered.response.sw)
    return answered
  }
  const send = async (apdu: CommandApdu): Promise<Answered> => {
    if (session === undefined) return sendPlain(encodeCommandApdu(apdu))
    const wrapped = wrap(session, apdu)
    const pieces = comesInPieces.includes(apdu.ins) ? cutPutKey(wrapped.apdu) : [wrapped.apdu]
    const passed: Passed[] = []
    for (const piece of pieces) passed.push(await pass(encodeCommandApdu(piece)))
    const opened = unwrap(wrapped.next, parseResponseApdu(passed.at(-1)?.received ?? new Uint8Array()))
    session = opened.next
    return { response: opened.response, passed }
  }

  return {
    get session() {
      return session
    },
    select: async (aid) => (await sendPlain(encodeCommandApdu(Select.toApdu({ p2: 'first', data: aid })))).response,
    open: async ({ aid, keys, keyVersion, scp, level: securityLevel }) => {
      const hostChallenge = random(scp.protocol === '03' && (scp.i & 0x01) !== 0 ? 16 : 8)
      const selection = await accepted('SELECT', Select.toApdu({ p2: 'first', data: aid }))
      const update = await accepted(
        'INITIALIZE UPDATE',
        InitializeUpdate.toApdu({ p1: keyVersion, p2: 0, data: hostChallenge }),
      )
      const initializeUpdateResponse = update.response.data
      const opening = openHostSession({ scp, keys, hostChallenge, initializeUpdateResponse, securityLevel, aid })
      const authentication = await accepted('EXTERNAL AUTHENTICATE', opening.externalAuthenticate)
      session = opening.session
      return [selection, update, authentication].flatMap(({ passed }) => passed)
    },
    send,
    sendPlain,
    sendBeside,
    forget: () => {
      session = undefined
    },
    must: async (name, apdu) => {
      const { data, sw } = (await send(apdu)).response
      if (sw !== 0x9000) throw new StatusWordError(name, sw)
      return data
    },
  }
}
