/** What the fleet of phones, a process of its own, promises the benchmark. */
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

/** Persons who have not downloaded yet get a My Number card, a SIM and a phone, until there are `count` of them. */
export const prepareFleet = endpoint({
  name: 'prepareFleet',
  method: 'POST',
  path: '/persons',
  callers: 'public',
  request: z.object({ count: z.int().positive() }),
  reply: z.object({}),
})

/** So many persons download at once, from now on; they begin one after the other, at the rate that is expected. Answers when that has become steady: each
 * is through once. */
export const beginDownloads = endpoint({
  name: 'beginDownloads',
  method: 'POST',
  path: '/downloads',
  callers: 'public',
  request: z.object({ parallel: z.int().positive(), perSecond: z.number().positive() }),
  reply: z.object({ perSecond: z.number() }),
})

/** Milliseconds by part of the source, of the thread that runs the JavaScript. */
export const Parts = z.record(z.string(), z.number())
export type Parts = z.infer<typeof Parts>

/** Runs the clock for so long, or until no person is left. */
export const runClock = endpoint({
  name: 'runClock',
  method: 'POST',
  path: '/clocks',
  callers: 'public',
  request: z.object({ seconds: z.number().positive(), sampled: z.boolean() }),
  reply: z.object({
    seconds: z.number(),
    cpu: z.object({ thread: z.number(), others: z.number() }),
    parts: Parts,
  }),
})

/** Goes on until those are through that the last clock cut; then tells what was on that clock, and ends the rest. */
export const endDownloads = endpoint({
  name: 'endDownloads',
  method: 'DELETE',
  path: '/downloads',
  callers: 'public',
  request: z.object({}),
  reply: z.object({
    /** One that the clock cut counts by its share. */
    downloads: z.number(),
    /** From the beginning of each to its end. */
    milliseconds: z.array(z.number()),
    failures: z.array(z.string()),
  }),
})
