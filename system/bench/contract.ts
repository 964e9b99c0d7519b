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
  reply: z.object({ made: z.int(), seconds: z.number() }),
})

/** So many persons download at once, from now on. Answers when that has become steady: as many downloads are through. */
export const beginDownloads = endpoint({
  name: 'beginDownloads',
  method: 'POST',
  path: '/downloads',
  callers: 'public',
  request: z.object({ parallel: z.int().positive() }),
  reply: z.object({ perSecond: z.number() }),
})

/** Milliseconds by part of the source, of the thread that runs the JavaScript. */
export const Parts = z.record(z.string(), z.number())
export type Parts = z.infer<typeof Parts>

/** Runs the clock for so long, or until no person is left. */
export const countDownloads = endpoint({
  name: 'countDownloads',
  method: 'POST',
  path: '/counts',
  callers: 'public',
  request: z.object({ seconds: z.number().positive(), sampled: z.boolean() }),
  reply: z.object({
    /** From the beginning of each to its end. */
    milliseconds: z.array(z.number()),
    failures: z.array(z.string()),
    seconds: z.number(),
    cpu: z.object({ thread: z.number(), others: z.number() }),
    parts: Parts,
  }),
})

/** No more is begun; answers when what was begun is through. */
export const endDownloads = endpoint({
  name: 'endDownloads',
  method: 'DELETE',
  path: '/downloads',
  callers: 'public',
  request: z.object({}),
  reply: z.object({}),
})
