/** ./jpki demo: one whole download, each step as it happens, then both uses. */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { command, flag, value } from '../command.ts'
import { type DemoPerson, download } from '../demo/download.ts'
import { printer } from '../demo/print.ts'
import { useAsCard, useOverNet } from '../demo/use.ts'
import { watchSteps } from '../demo/watch.ts'
import { layCard } from '../desk/contract.ts'
import type { Places } from '../town/contract.ts'
import { defaultData, freePortBase, portsFrom, portsOf } from '../town/layout.ts'
import { hanako } from '../town/people.ts'
import { runningTown } from '../town/running.ts'
import { startTown } from '../town/town.ts'

export default command({
  summary: 'run the whole download, steps ① to ⑱, then use the phone as a card and over the net',
  description:
    'In the running town, or in one of its own. With --data DIR what it made is kept there, and ./jpki card attach --data DIR\nattaches that very phone. A download that was cut off is gone on with.',
  options: {
    data: value(
      'DIR',
      "the town's folder; without it a running town's, or one that is thrown away",
      z.string().optional(),
    ),
    pin: value(
      'PIN',
      'the PIN that the person chooses',
      z
        .string()
        .regex(/^\d{4}$/, 'a PIN has four digits')
        .default('1234'),
    ),
    'on-card': flag('the SIM makes the key, and nobody else ever has it'),
    json: flag('a line of JSON for each step, and one at the end'),
  },
  run: async ({ data, pin, 'on-card': onCard, json }) => {
    const print = printer(json)
    const { places, close } = await townFor(data === undefined ? undefined : resolve(data), (what) =>
      print.progress(`starting ${what}`),
    )
    try {
      await demonstrate(places, { pin, keyGeneration: onCard ? 'on-card' : 'central' }, print)
      return 0
    } finally {
      print.progress('')
      await close()
    }
  },
})

/** As shells tell of a program that Ctrl-C ended. */
const interrupted = 130

type Find = () => Promise<Places | undefined>

/** The running town of that folder; else one of our own, kept or thrown away. */
async function townFor(
  asked: string | undefined,
  progress: (what: string) => void,
): Promise<{ places: Find; close(): Promise<void> }> {
  const data = asked ?? defaultData
  if ((await runningTown(data)) !== undefined) return { places: () => runningTown(data), close: async () => undefined }
  if (asked !== undefined) {
    const town = await startTown({ data, ports: await portsOf(data, undefined, freePortBase), progress })
    return { places: async () => town.places, close: town.close }
  }
  const thrownAway = await mkdtemp(join(tmpdir(), 'mobile-jpki-'))
  const remove = () => rm(thrownAway, { recursive: true, force: true })
  process.once('SIGINT', () => {
    rmSync(thrownAway, { recursive: true, force: true })
    process.exit(interrupted)
  })
  try {
    const town = await startTown({ data: thrownAway, ports: portsFrom(await freePortBase()), progress })
    return {
      places: async () => town.places,
      close: async () => {
        await town.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function demonstrate(
  find: Find,
  { pin, keyGeneration }: Required<Pick<DemoPerson, 'pin' | 'keyGeneration'>>,
  print: ReturnType<typeof printer>,
): Promise<void> {
  const start = performance.now()
  const places = await find()
  if (places === undefined) throw new Refusal('peer.unreachable', 'The town has stopped.')
  await call({ url: places.town, actor: 'system', as: 'user' }, layCard, { at: 'phone' })
  const device = deviceAt(places.phone)
  const watch = await watchSteps(async () => (await find())?.town, print.step)
  const whole = {
    who: hanako,
    device,
    mailbox: async () => places.mailbox,
    pin,
    keyGeneration,
    say: print.note,
    progress: print.carried,
  }
  try {
    await download(whole)
  } catch (error) {
    await watch.end()
    throw error
  }
  const steps = await watch.end('provePossession')
  const uses = [await useAsCard(device, pin), await useOverNet(device, places.relyingParty, pin)]
  for (const use of uses) print.use(use)
  print.end({ steps: steps.length, milliseconds: performance.now() - start, uses: uses.length })
}
