/** One message between two actors, as it is remembered: who, what, how large, how long, how it ended. */
import { type ActorName, isActorName, isRefusalCode, type RefusalCode } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { isStep, type Step } from './steps.ts'

export interface TraceEntry {
  readonly at: Date
  readonly step?: Step | undefined
  readonly from: ActorName
  readonly to: ActorName
  /** The name of the endpoint or command. */
  readonly what: string
  /** How many octets went over the wire, secrets included. */
  readonly octets: number
  /** The octets as they may be shown: secrets are replaced. */
  readonly raw?: Uint8Array | undefined
  readonly decoded?: unknown
  readonly milliseconds: number
  readonly ok: boolean
  readonly refusal?: RefusalCode | undefined
  /** The order that the message serves. */
  readonly order?: string | undefined
}

/** Whoever sends or answers a message records it here. Recording never fails and never waits. */
export interface Trace {
  record(entry: TraceEntry): void
}

export const noTrace: Trace = { record: () => undefined }

export const traceToAll = (...traces: readonly Trace[]): Trace => ({
  record: (entry) => {
    for (const trace of traces) trace.record(entry)
  },
})

const actorName = z.custom<ActorName>((value) => typeof value === 'string' && isActorName(value))

/** An entry as a line of JSON. */
export const TraceLine = z.strictObject({
  at: z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() }),
  step: z.custom<Step>((value) => typeof value === 'string' && isStep(value)).optional(),
  from: actorName,
  to: actorName,
  what: z.string(),
  octets: z.int().nonnegative(),
  raw: z
    .codec(
      z.base64(),
      z.custom<Uint8Array>((value) => value instanceof Uint8Array),
      {
        decode: (text) => Uint8Array.fromBase64(text),
        encode: (octets) => octets.toBase64(),
      },
    )
    .optional(),
  decoded: z.unknown().optional(),
  milliseconds: z.number().nonnegative(),
  ok: z.boolean(),
  refusal: z.custom<RefusalCode>((value) => typeof value === 'string' && isRefusalCode(value)).optional(),
  order: z.string().optional(),
})

const printable = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? value.toHex() : typeof value === 'bigint' ? value.toString() : value

export const toLine = (entry: TraceEntry): string => `${JSON.stringify(z.encode(TraceLine, entry), printable)}\n`
export const fromLine = (line: string): TraceEntry => TraceLine.parse(JSON.parse(line))
