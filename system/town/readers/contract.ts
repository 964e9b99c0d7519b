/** A reader of the town in the hands of another process, as a PC/SC reader is in those of a program. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { readerNames } from '../../desk/readers.ts'

export const ReaderName = z.enum(readerNames)

export const describeReader = endpoint({
  name: 'describeReader',
  summary: 'Whether a card answers on that reader',
  method: 'GET',
  path: '/readers/:reader',
  callers: 'public',
  request: z.object({ reader: ReaderName }),
  reply: z.object({ present: z.boolean() }),
})

export const resetOnReader = endpoint({
  name: 'resetOnReader',
  summary: 'Power for what lies there: the beginning of a tap',
  method: 'POST',
  path: '/readers/:reader/reset',
  callers: 'public',
  request: z.object({ reader: ReaderName }),
  reply: z.object({ answerToReset: octets() }),
})

export const exchangeApduOnReader = endpoint({
  name: 'exchangeApduOnReader',
  method: 'POST',
  path: '/readers/:reader/apdus',
  callers: 'public',
  request: z.object({ reader: ReaderName, command: secret(octets({ min: 4 })) }),
  reply: z.object({ response: secret(octets({ min: 2 })) }),
})
