/** The fleet as a process of its own, so that the phones' work and the servers' can be told apart. Started by `startFleet`. */
import { listen, type Route, serve } from '@mobile-jpki/service'
import { beginDownloads, countDownloads, endDownloads, prepareFleet } from './contract.ts'
import { cpuTime } from './figures.ts'
import { type FleetSettings, openFleet, reasonOf, type Subscriber } from './fleet.ts'
import { keepGoing, type Load, pause } from './load.ts'
import { sample } from './parts.ts'

/** How many persons stand at the counters at once while the fleet is made. */
const counters = 4

async function routesOf(settings: FleetSettings): Promise<readonly Route[]> {
  const fleet = await openFleet(settings)
  const ready: Subscriber[] = []
  let over: { readonly milliseconds: number; readonly failure: string | undefined }[] = []
  let load: Load | undefined

  const downloadBy = (subscriber: Subscriber) => async () => {
    const start = performance.now()
    const failure = await subscriber.download().then(() => undefined, reasonOf)
    over.push({ milliseconds: performance.now() - start, failure })
    await subscriber.close()
  }
  const next = () => {
    const subscriber = ready.shift()
    return subscriber && downloadBy(subscriber)
  }

  return [
    serve(prepareFleet, async ({ count }) => {
      const start = performance.now()
      let missing = Math.max(0, count - ready.length)
      const made = missing
      const making = keepGoing(counters, () => {
        if (missing === 0) return undefined
        missing -= 1
        return async () => {
          ready.push(await fleet.enrol())
        }
      })
      await making.exhausted
      await making.stop()
      return { made, seconds: (performance.now() - start) / 1000 }
    }),
    serve(beginDownloads, async ({ parallel }) => {
      const start = performance.now()
      load = keepGoing(parallel, next)
      await load.after(parallel)
      return { perSecond: (load.done * 1000) / (performance.now() - start) }
    }),
    serve(countDownloads, async ({ seconds, sampled }) => {
      over = []
      const sampling = sampled ? await sample() : undefined
      const [start, before] = [performance.now(), cpuTime()]
      await Promise.race([pause(seconds), load?.exhausted])
      const counted = over
      const cpu = cpuTime(before)
      return {
        milliseconds: counted.filter(({ failure }) => failure === undefined).map((one) => one.milliseconds),
        failures: counted.flatMap(({ failure }) => failure ?? []),
        seconds: (performance.now() - start) / 1000,
        cpu,
        parts: (await sampling?.end()) ?? {},
      }
    }),
    serve(endDownloads, async () => {
      await load?.stop()
      return {}
    }),
  ]
}

process.once('message', async (settings) => {
  const { url } = await listen({ actor: 'system', port: 0, routes: await routesOf(settings as FleetSettings) })
  process.send?.(url)
})
process.once('disconnect', () => process.exit())
