/** The fleet as a process of its own, so that the phones' work and the servers' can be told apart. Started by `startFleet`. */
import { listen, type Route, serve } from '@mobile-jpki/service'
import { cpuTime } from '../figures.ts'
import { keepGoing, type Load, pause } from '../load.ts'
import { sample } from '../parts.ts'
import { beginDownloads, endDownloads, prepareFleet, runClock } from './contract.ts'
import { type FleetSettings, openFleet, reasonOf, type Subscriber } from './fleet.ts'
import { flights, shareIn, type Window } from './flights.ts'

/** How many persons stand at the counters at once while the fleet is made. */
const counters = 4

async function routesOf(settings: FleetSettings): Promise<readonly Route[]> {
  const fleet = await openFleet(settings)
  const ready: Subscriber[] = []
  const downloads = flights(() => performance.now(), reasonOf)
  /** Switched off when no clock runs. */
  let used: Subscriber[] = []
  let load: Load | undefined
  let clock: Window = { from: 0, to: 0 }

  const next = () => {
    const subscriber = ready.shift()
    if (subscriber === undefined) return undefined
    return async () => {
      await downloads.fly(subscriber.download)
      used.push(subscriber)
    }
  }

  return [
    serve(prepareFleet, async ({ count }) => {
      let missing = Math.max(0, count - ready.length)
      const making = keepGoing(counters, () => {
        if (missing === 0) return undefined
        missing -= 1
        return async () => {
          ready.push(await fleet.enrol())
        }
      })
      await making.exhausted
      await making.stop()
      return {}
    }),
    serve(beginDownloads, async ({ parallel, perSecond }) => {
      const start = performance.now()
      load = keepGoing(parallel, next, 1 / perSecond)
      await load.steady
      return { perSecond: (load.done * 1000) / (performance.now() - start) }
    }),
    serve(runClock, async ({ seconds, sampled }) => {
      const sampling = sampled ? await sample() : undefined
      const [from, before] = [performance.now(), cpuTime()]
      await Promise.race([pause(seconds), load?.exhausted])
      const cpu = cpuTime(before)
      clock = { from, to: performance.now() }
      return { seconds: (clock.to - clock.from) / 1000, cpu, parts: (await sampling?.end()) ?? {} }
    }),
    serve(endDownloads, async () => {
      const { from, to } = clock
      const landed = (await downloads.landedSince(from)).filter(({ start }) => start <= to)
      await load?.stop()
      await Promise.all(used.map(({ close }) => close()))
      used = []
      const good = landed.filter(({ failure }) => failure === undefined)
      return {
        downloads: good.reduce((sum, flight) => sum + shareIn({ from, to }, flight), 0),
        milliseconds: good.map(({ start, end }) => end - start),
        failures: landed.flatMap(({ failure }) => failure ?? []),
      }
    }),
  ]
}

process.once('message', async (settings) => {
  const { url } = await listen({ actor: 'system', port: 0, routes: await routesOf(settings as FleetSettings) })
  process.send?.(url)
})
process.once('disconnect', () => process.exit())
