/** An act is sent under an Idempotency-Key: when its answer was lost, the same command with the same key does not do it twice. */
import { randomUUID } from 'node:crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { value } from '../command.ts'

export const onceOption = value(
  'KEY',
  'a name for this act: said again within 24 hours it answers the same and does nothing twice; a new one if not said',
  z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/, 'write 1 to 64 visible ASCII characters')
    .optional(),
)

export async function once<T>(given: string | undefined, act: (idempotencyKey: string) => Promise<T>): Promise<T> {
  const key = given ?? randomUUID()
  try {
    return await act(key)
  } catch (error) {
    if (!(error instanceof Refusal) || !isUncertain(error)) throw error
    throw new Refusal(
      error.code,
      `${error.message} Whether it was done is not known: say the same again with --once ${key}.`,
      {
        cause: error,
        ...(error.whose !== undefined && { whose: error.whose }),
      },
    )
  }
}

/** A connection that was never there carried nothing. */
const neverThere = /\((?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_TLS_|ERR_SSL_|\w*CERT)/

const isUncertain = ({ code, message }: Refusal): boolean =>
  code === 'peer.failed' || (code === 'peer.unreachable' && !neverThere.test(message))
