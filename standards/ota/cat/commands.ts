/** The commands by which terminal and card application toolkit speak. ETSI TS 102 221 §11.1.11, §11.2; TS 102 223 §6.4, §7. */
import { type AnyCommand, command } from '@mobile-jpki/iso7816'
import { octets } from '@mobile-jpki/tlv'
import { Envelope } from './envelopes.ts'
import { ProactiveCommand, TerminalResponseData } from './proactive.ts'
import { TerminalProfileData } from './profile.ts'

/** TERMINAL PROFILE, TS 102 221 §11.2.1. */
export const TerminalProfile = command({
  name: 'TERMINAL PROFILE',
  cla: 0x80,
  ins: 0x10,
  p1: 0x00,
  p2: 0x00,
  data: TerminalProfileData,
})

/** ENVELOPE, TS 102 221 §11.2.2. To an SMS-PP download the card answers the user data of the delivery report. */
export const EnvelopeCommand = command({
  name: 'ENVELOPE',
  cla: 0x80,
  ins: 0xc2,
  p1: 0x00,
  p2: 0x00,
  data: Envelope,
  response: octets(),
})

/** FETCH, TS 102 221 §11.2.3. Le is what 91xx announced. */
export const Fetch = command({ name: 'FETCH', cla: 0x80, ins: 0x12, p1: 0x00, p2: 0x00, response: ProactiveCommand })

/** TERMINAL RESPONSE, TS 102 221 §11.2.4. */
export const TerminalResponse = command({
  name: 'TERMINAL RESPONSE',
  cla: 0x80,
  ins: 0x14,
  p1: 0x00,
  p2: 0x00,
  data: TerminalResponseData,
})

export const toolkitCommands: readonly AnyCommand[] = [TerminalProfile, EnvelopeCommand, Fetch, TerminalResponse]

/** Status words of the toolkit, TS 102 221 §10.2.1. */
export const toolkitStatus = {
  /** 9300: the toolkit is busy; the message is not taken. */
  busy: 0x9300,
  /** 91xx: done, and a proactive command of xx octets waits. 00 stands for 256. */
  pending: (length: number): number => 0x9100 | (length & 0xff),
  pendingLength: (sw: number): number | undefined => (sw >>> 8 === 0x91 ? sw & 0xff || 0x100 : undefined),
} as const
