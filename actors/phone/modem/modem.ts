/**
 * The modem (モデム): attaches the SIM to the carrier's network, hands it the short messages that are for it, and sends back what it
 * reports. 3GPP TS 31.111 §7.1.1, TS 23.040. The phone is switched off, the SIM pulled or reset, the network gone at any moment: it goes on.
 *
 *   off ──start──▶ no SIM ⇄ switched on ──attach──▶ listening ⇄ message ──stop──▶ off
 */
import { isNormalOrWarning } from '@mobile-jpki/iso7816'
import { failureCauses, smsDownload, toolkitStatus } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { restAfter } from '../domain/visit.ts'
import { isTaken, startToolkit, type Toolkit } from './toolkit.ts'
import type { Attachment, Message, ModemWorld, Report } from './world.ts'

export interface Modem {
  start(): void
  stop(): Promise<void>
}

/** Seconds between two questions whether the SIM has something to do: usually, and while it has connections. TS 102 221 §14.5.1. */
const pollSeconds = { idle: 30, busy: 1 } as const

export function modem(world: ModemWorld): Modem {
  const { slot, network, iccid, pause } = world
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined
  /** Of the last message: one that comes again because the report was lost is not handed over again. */
  let last: { readonly id: string; readonly report: Report } | undefined

  /** Until the SIM is reset or taken out, or the phone is switched off. */
  async function withSim(off: AbortSignal): Promise<void> {
    const gone = new AbortController()
    const signal = AbortSignal.any([off, gone.signal])
    void slot.changed.then(() => gone.abort())
    let attached: Attachment | undefined
    const sendMessage = async (tpdu: Uint8Array) => {
      if (attached === undefined) throw new Refusal('peer.unreachable', 'The phone is not in the network.')
      await attached.send(tpdu, signal)
    }
    const toolkit = await startToolkit({ ...world, sendMessage })
    const polling = poll(toolkit, signal)
    try {
      for (let breaks = 0; !signal.aborted; breaks++) {
        try {
          attached = await network.attach(await iccid(), signal)
          for (;;) {
            await listen(attached, toolkit, signal)
            breaks = 0
          }
        } catch (error) {
          if (!(error instanceof Refusal) && !signal.aborted) throw error
          await pause(restAfter(breaks), signal)
        }
      }
    } finally {
      gone.abort()
      toolkit.stop()
      await polling
      await attached?.detach().catch(() => undefined)
    }
  }

  async function poll(toolkit: Toolkit, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(1000 * (toolkit.isBusy ? pollSeconds.busy : pollSeconds.idle), signal)
      if (!signal.aborted) await toolkit.poll().catch(() => undefined)
    }
  }

  async function listen(attached: Attachment, toolkit: Toolkit, signal: AbortSignal): Promise<void> {
    const message = await attached.next(signal)
    if (message === undefined) return
    const report = last?.id === message.id ? last.report : await deliver(message, toolkit)
    last = { id: message.id, report }
    await attached.report(message.id, report, signal)
  }

  async function deliver({ serviceCentre, tpdu }: Message, toolkit: Toolkit): Promise<Report> {
    const at = world.now()
    const start = performance.now()
    const digits = serviceCentre.replace(/\D/g, '')
    const centre = digits === '' ? undefined : ({ type: 'international', digits } as const)
    const response = await toolkit.envelope(smsDownload(tpdu, centre))
    world.trace.record({
      at,
      from: 'phone',
      to: 'sim',
      what: 'ENVELOPE (SMS-PP DOWNLOAD)',
      octets: tpdu.length + response.data.length,
      raw: tpdu,
      decoded: { status: response.sw.toString(16).padStart(4, '0').toUpperCase() },
      milliseconds: performance.now() - start,
      ok: isTaken(response),
    })
    const userData = response.data.length === 0 ? {} : { userData: response.data }
    if (isTaken(response)) return userData
    if (response.sw === toolkitStatus.busy) return { failureCause: failureCauses.simToolkitBusy }
    return { failureCause: failureCauses.dataDownloadError, ...(isNormalOrWarning(response.sw) && userData) }
  }

  async function run(signal: AbortSignal): Promise<void> {
    for (let breaks = 0; !signal.aborted; breaks++) {
      const changed = slot.changed
      try {
        if (slot.present) {
          await withSim(signal)
          breaks = 0
        } else await Promise.race([changed, aborted(signal)])
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
      await pause(restAfter(breaks), signal)
    }
  }

  return {
    start: () => {
      const abort = new AbortController()
      running ??= { abort, ended: run(abort.signal) }
    },
    stop: async () => {
      running?.abort.abort()
      await running?.ended.catch(() => undefined)
      running = undefined
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
