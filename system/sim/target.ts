/** Which card a command speaks with: a SIM in files, or the SIM in the phone of a town, whether that runs or not. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Card } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import type { Explained } from '@mobile-jpki/sim'
import { z } from 'zod'
import { value } from '../command.ts'
import { defaultData, layoutOf } from '../town/layout.ts'
import { runningTown } from '../town/running.ts'
import { cardIn } from './card-in.ts'
import { openSimFile } from './files.ts'

export interface Target {
  readonly card: Card
  /** Why the card refused the last command; unknown of a card that another process holds. */
  readonly lastRefusal?: () => Explained | undefined
  /** The memory itself, where this process holds it. */
  readonly nvm?: Nvm
  close(): void
}

export const targetOptions = {
  sim: value('FILE', 'the memory file of a SIM that ./jpki sim new made', z.string().optional()),
  data: value('DIR', "a town's data, whose phone has the SIM; it may run", z.string().optional()),
}

export async function openTarget({
  sim,
  data,
}: {
  sim?: string | undefined
  data?: string | undefined
}): Promise<Target> {
  if (sim !== undefined) return opened(sim)
  const town = resolve(data ?? defaultData)
  const running = await runningTown(town)
  if (running !== undefined) return { card: cardIn(running.phone, 'SIM1'), close: () => undefined }
  const file = join(layoutOf(town).of('cards'), 'sim.nvm')
  if (!existsSync(file))
    throw new Refusal(
      'reference.not-found',
      `No town has been in ${town}. ./jpki up makes one; --sim FILE names a SIM.`,
    )
  return opened(file)
}

async function opened(file: string): Promise<Target> {
  const { card, nvm, close } = await openSimFile(file)
  return { card, lastRefusal: card.lastRefusal, nvm, close }
}
