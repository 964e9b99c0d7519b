/** Is a town running over that folder, and where? Another process holds it then, and is spoken to by HTTP. */
import { readFile } from 'node:fs/promises'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { describeTown, type Places } from './contract.ts'
import { layoutOf } from './layout.ts'

const Mark = z.object({ process: z.number(), town: z.url() })

/** undefined when there is none: a mark that a killed town left behind counts for nothing. */
export async function runningTown(data: string): Promise<Places | undefined> {
  const text = await readFile(layoutOf(data).file, 'utf8').catch(() => undefined)
  const mark = Mark.safeParse(jsonIn(text ?? ''))
  if (!mark.success) return undefined
  const peer = { url: mark.data.town, actor: 'system', as: 'user', timeoutMilliseconds: 2000 } as const
  const town = await call(peer, describeTown, {}).catch(() => undefined)
  return town?.data === data ? town.places : undefined
}

/** A town that was killed while it wrote its mark left half of it. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
