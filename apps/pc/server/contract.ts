/** What the page on the PC asks its own server besides what it asks SP-TSM through it. */
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const PageConfiguration = z.object({
  /** Where the card helper may be, in the order in which the page looks for it. */
  helpers: z.array(z.url()).min(1),
  /** The carriers that take part, by the names that people know. */
  carriers: z.array(z.object({ id: z.string().min(1).max(32), name: z.string().min(1) })).min(1),
  /** Phones that were tested; another one may be named, too. */
  phones: z.array(z.object({ model: z.string().min(1).max(64), os: z.string().min(1).max(64) })),
})
export type PageConfiguration = z.output<typeof PageConfiguration>

export const describePage = endpoint({
  name: 'describePage',
  summary: 'How this page is set up',
  method: 'GET',
  path: '/configuration',
  callers: 'public',
  request: z.object({}),
  reply: PageConfiguration,
})
