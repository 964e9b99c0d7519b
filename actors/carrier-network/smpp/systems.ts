/**
 * The systems that the centre serves (ESME), each with its number and any number of connections. What is meant for one goes out by
 * the connection that asked for it while that is there, else by another; while there is none it waits.
 */
import type { PduBody } from '@mobile-jpki/ota'
import type { SmppConnection } from '@mobile-jpki/smpp'

export interface Account {
  /** SMPP v3.4 §5.2.1: up to 15 characters. */
  readonly systemId: string
  readonly password: string
  /** The number that messages of it come from, and that SIMs answer to. */
  readonly address: string
}

export interface Bound {
  readonly id: string
  readonly systemId: string
  readonly connection: SmppConnection
}

export interface Systems {
  /** Undefined for a wrong password or an unknown system. */
  bind(systemId: string, password: string, id: string, connection: SmppConnection): Account | undefined
  leave(id: string): void
  ofAddress(digits: string): Account | undefined
  /** `preferred` is the id of a connection. */
  deliver(systemId: string, body: PduBody<'deliverSm'>, preferred: string | undefined): void
  close(): Promise<void>
}

/** For one system: what is more is forgotten, the oldest first. */
const longestBacklog = 10_000

interface Due {
  readonly body: PduBody<'deliverSm'>
  readonly preferred: string | undefined
}

export function systems(accounts: readonly Account[], same: (one: string, other: string) => boolean): Systems {
  const bound = new Map<string, Bound>()
  const backlog = new Map<string, Due[]>(accounts.map(({ systemId }) => [systemId, []]))
  const connectionFor = (systemId: string, preferred: string | undefined): Bound | undefined => {
    const found = preferred === undefined ? undefined : bound.get(preferred)
    if (found?.systemId === systemId) return found
    return [...bound.values()].find((one) => one.systemId === systemId)
  }

  /** One that is lost with its connection waits for the next. A system that refuses a message has had it. */
  const send = async (systemId: string, due: Due): Promise<void> => {
    const to = connectionFor(systemId, due.preferred)
    if (to === undefined) keep(systemId, due)
    else
      await to.connection.request('deliverSm', due.body).then(
        () => undefined,
        () => {
          bound.delete(to.id)
          return send(systemId, due)
        },
      )
  }
  const keep = (systemId: string, due: Due) => {
    const waiting = backlog.get(systemId) ?? []
    waiting.push(due)
    if (waiting.length > longestBacklog) waiting.shift()
    backlog.set(systemId, waiting)
  }

  return {
    bind: (systemId, password, id, connection) => {
      const account = accounts.find((one) => one.systemId === systemId)
      if (!same(account?.password ?? '', password) || account === undefined) return undefined
      bound.set(id, { id, systemId, connection })
      const waiting = backlog.get(systemId) ?? []
      backlog.set(systemId, [])
      // Behind the response to its bind.
      setImmediate(() => {
        for (const due of waiting) void send(systemId, due)
      })
      return account
    },
    leave: (id) => void bound.delete(id),
    ofAddress: (digits) => accounts.find(({ address }) => address === digits),
    deliver: (systemId, body, preferred) => void send(systemId, { body, preferred }),
    close: async () => {
      await Promise.all([...bound.values()].map(({ connection }) => connection.close()))
    },
  }
}
