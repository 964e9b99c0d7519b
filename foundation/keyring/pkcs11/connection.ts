/** A token that is logged in to, and sessions with it that are lent one at a time. PKCS#11 v2.40 §5.5, §5.6. */
import { createHash } from 'node:crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { Handle, TokenInfo } from 'pkcs11js'
import type { TokenDescription } from '../signing-keys.ts'
import { asRefusal, isLost, returnValueOf } from './errors.ts'
import type { Module } from './module.ts'

/** CKS_RW_USER_FUNCTIONS, §3.3: pkcs11js has no name for it. */
const readWriteUser = 3

/** Every handle ends with the connection that it came from. */
export interface Connection {
  readonly token: TokenDescription
  /** Handles of private keys by name. */
  readonly keys: Map<string, Handle>
  /** One at a time for each session; who comes when all are lent waits. */
  lend<T>(work: (session: Handle) => Promise<T>): Promise<T>
  /** Objects that are private are hidden from who is not logged in: before it is believed that there is none, this is asked. */
  assertLoggedIn(session: Handle): void
  /** Resolves when all that is lent came back. */
  close(): Promise<void>
}

interface Terms {
  readonly module: Module
  readonly label: string
  readonly sessions: number
  readonly pin: () => Promise<string>
  /** The digest of a PIN that the token refused: nobody wears out its tries with the same one. */
  readonly refused: Set<string>
}

export async function connect({ module, label, sessions, pin, refused }: Terms): Promise<Connection> {
  const { functions, names } = module
  const { slot, info } = slotOf(module, label)
  const open = () => functions.C_OpenSession(slot, names.CKF_SERIAL_SESSION | names.CKF_RW_SESSION)
  // Never lent: the login lasts as long as one session does (§5.5, C_CloseSession).
  const anchor = attempt(open, `Opening a session with the token ${label}`)
  try {
    logIn(module, { session: anchor, slot, label, pin: await pin(), refused })
  } catch (error) {
    attempt(() => functions.C_CloseSession(anchor), `Closing a session with the token ${label}`)
    throw error
  }

  const idle: Handle[] = []
  const waiting: ((session: Handle | undefined) => void)[] = []
  let opened = 0
  let lent = 0
  const borrow = async (): Promise<Handle> => {
    const ready = idle.pop()
    if (ready !== undefined) return ready
    if (opened < sessions) {
      opened += 1
      try {
        return open()
      } catch (error) {
        opened -= 1
        // A token with fewer sessions than were asked for: wait as if that many had been asked for.
        if (returnValueOf(error) !== 'CKR_SESSION_COUNT') throw error
      }
    }
    const handed = await new Promise<Handle | undefined>((resolve) => waiting.push(resolve))
    return handed ?? borrow()
  }
  const giveBack = (session: Handle | undefined): void => {
    const next = waiting.shift()
    if (next !== undefined) next(session)
    else if (session !== undefined) idle.push(session)
  }
  let done: (() => void) | undefined
  return {
    token: describedBy(info),
    keys: new Map(),
    lend: async (work) => {
      lent += 1
      try {
        const session = await borrow()
        try {
          const result = await work(session)
          giveBack(session)
          return result
        } catch (error) {
          if (returnValueOf(error) === undefined) giveBack(session)
          else {
            // An operation may still be active in it, which the next one must not meet.
            opened -= 1
            if (!isLost(error)) quietly(() => functions.C_CloseSession(session))
            giveBack(undefined)
          }
          throw error
        }
      } finally {
        lent -= 1
        if (lent === 0) done?.()
      }
    },
    assertLoggedIn: (session) => {
      const { state } = functions.C_GetSessionInfo(session)
      if (state !== readWriteUser) throw new names.Pkcs11Error('CKR_USER_NOT_LOGGED_IN:257')
    },
    close: async () => {
      if (lent > 0)
        await new Promise<void>((resolve) => {
          done = resolve
        })
      for (const session of [...idle.splice(0), anchor]) quietly(() => functions.C_CloseSession(session))
    },
  }
}

function attempt<T>(act: () => T, doing: string): T {
  try {
    return act()
  } catch (error) {
    throw asRefusal(error, doing)
  }
}

function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // It is gone already.
  }
}

const labelIn = ({ label }: TokenInfo): string => label.replace(/[\0 ]+$/, '')

function describedBy(info: TokenInfo): TokenDescription {
  const trimmed = (text: string) => text.replace(/[\0 ]+$/, '')
  return {
    label: labelIn(info),
    serialNumber: trimmed(info.serialNumber),
    manufacturer: trimmed(info.manufacturerID),
    model: trimmed(info.model),
  }
}

function slotOf({ functions, names }: Module, label: string) {
  const present = attempt(() => functions.C_GetSlotList(true), 'Looking for tokens').flatMap((slot) => {
    const info = attempt(() => functions.C_GetTokenInfo(slot), 'Looking at a token')
    return (info.flags & names.CKF_TOKEN_INITIALIZED) === 0 ? [] : [{ slot, info }]
  })
  const [found, other] = present.filter(({ info }) => labelIn(info) === label)
  const there = present.map(({ info }) => labelIn(info)).join(', ') || 'none'
  if (found === undefined) throw new Refusal('token.absent', `There is no token ${label}; there are: ${there}.`)
  if (other !== undefined) throw new Refusal('token.failed', `Two tokens bear the label ${label}.`)
  return found
}

interface LogIn {
  readonly session: Handle
  readonly slot: Handle
  readonly label: string
  readonly pin: string
  readonly refused: Set<string>
}

/** Of tries the standard tells no number, only that one is left, or none (§3.2, CK_TOKEN_INFO flags). */
function logIn({ functions, names }: Module, { session, slot, label, pin, refused }: LogIn): void {
  const digest = createHash('sha256').update(pin).digest('hex')
  const again = `The token ${label} refused this PIN before; it is not tried again until it is changed.`
  if (refused.has(digest)) throw new Refusal('token.pin-wrong', again)
  try {
    functions.C_Login(session, names.CKU_USER, pin)
  } catch (error) {
    // The login is one for all sessions of a process with the token (§5.6).
    if (returnValueOf(error) === 'CKR_USER_ALREADY_LOGGED_IN') return
    const refusal = asRefusal(error, `Logging in to the token ${label}`)
    if (!(refusal instanceof Refusal) || refusal.code !== 'token.pin-wrong') throw refusal
    refused.add(digest)
    const { flags } = functions.C_GetTokenInfo(slot)
    if ((flags & names.CKF_USER_PIN_LOCKED) !== 0)
      throw new Refusal('token.pin-blocked', `The token ${label} refuses the PIN, and is blocked now.`, {
        cause: error,
      })
    const isFinal = (flags & names.CKF_USER_PIN_FINAL_TRY) !== 0
    const tries = isFinal ? 'One try is left.' : 'It does not say how many tries are left.'
    throw new Refusal('token.pin-wrong', `The token ${label} refuses the PIN. ${tries}`, {
      cause: error,
      ...(isFinal && { triesLeft: 1 }),
    })
  }
}
