/** Starts a phone: slots, agent, screen. `start` is given the cards; a phone has no process without them. */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { getApp, getAppFile } from '@mobile-jpki/app-provider/contract'
import type { Card } from '@mobile-jpki/iso7816'
import { openKeyring } from '@mobile-jpki/keyring'
import { handshake, remoteManagement } from '@mobile-jpki/seram/contract'
import { call, connectTo, type Fetch, type Listening, listen } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import type { Reader } from './contract.ts'
import type { Tsm } from './domain/visit.ts'
import { agent, emptySlot, type Flash, hasCasd, iccidOf, phone, type Slot, serviceProviderOf } from './index.ts'
import { modem } from './modem/modem.ts'
import { carrierNetwork, tcp } from './modem/ports.ts'
import { flashIn, visitsIn } from './store/flash.ts'

const base64 = z.base64().transform((text) => Uint8Array.fromBase64(text))

export const Configuration = z.strictObject({
  dataDirectory: z.string(),
  port: z.number().int().min(0).max(65535),
  device: z.object({ model: z.string(), os: z.string(), carrier: z.string(), msisdn: z.string() }),
  spTsm: z.url(),
  appProvider: z.url(),
  /** P-256 point by which the provider signs its apps. */
  appProviderPoint: base64,
  casdAuthorities: z.array(base64).min(1),
  /** SHA-256 of the load file data block of every applet that was ever given out. */
  applets: z.array(base64).min(1),
  /** P-256 points by which SP-TSM vouches for SIMs without CASD. */
  voucherKeys: z.array(base64).default([]),
  /** The carrier's network, where the phone takes short messages for its SIM. Without one it is reached by its agent alone. */
  network: z.url().optional(),
  /** PEM of the CA whose servers the phone trusts. */
  serviceCa: z.string(),
  /** Origins whose pages may show the screen in a frame; none if not said. */
  frameAncestors: z.array(z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin)).default([]),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  readonly sim?: Card
  /** The card that is held against the phone. */
  readonly nfc?: Card
  readonly trace?: Trace
  readonly now?: () => Date
}

export interface Handset extends Listening {
  /** What hands reach: the SIM's tray, and where cards are held against it. */
  readonly slots: Readonly<Record<Reader, Slot>>
}

export async function start(
  given: Configuration,
  { sim, nfc, trace = noTrace, now = () => new Date() }: Surroundings,
): Promise<Handset> {
  const settings = Configuration.parse(given)
  const tls = { serviceCa: settings.serviceCa }
  const keyring = await openKeyring(join(settings.dataDirectory, 'keys'))
  const flash: Flash = flashIn(join(settings.dataDirectory, 'flash'), keyring)
  const slots = { SIM1: emptySlot(), NFC: emptySlot() }
  if (sim !== undefined) await slots.SIM1.put(sim)
  if (nfc !== undefined) await slots.NFC.put(nfc)
  const iccid = iccidOf(slots.SIM1)
  const casdIn = hasCasd(slots.SIM1)
  const spTsm = connectTo({ url: settings.spTsm, actor: 'sp-tsm', as: 'phone', tls, trace })
  const provider = connectTo({ url: settings.appProvider, actor: 'app-provider', as: 'phone', tls, trace })
  const tsms = tsmsOver(tls)
  const proxyAgent = agent({ slot: slots.SIM1, iccid, tsm: tsms.tsm, visits: visitsIn(flash), now, pause, trace })
  const carrier =
    settings.network === undefined
      ? undefined
      : connectTo({ url: settings.network, actor: 'carrier-network', as: 'phone', tls })
  const radio =
    carrier && modem({ slot: slots.SIM1, iccid, network: carrierNetwork(carrier), connect: tcp, now, pause, trace })
  const routes = phone({
    slots,
    now,
    newId: randomUUID,
    pause,
    trace,
    device: settings.device,
    iccid,
    hasCasd: casdIn,
    serviceProvider: serviceProviderOf(slots.SIM1),
    casdAuthorities: settings.casdAuthorities,
    applets: settings.applets,
    voucherKeys: settings.voucherKeys,
    agent: proxyAgent,
    spTsmUrl: settings.spTsm,
    appProvider: {
      app,
      point: settings.appProviderPoint,
      manifest: () => call(provider, getApp, { name: app }),
      file: async (sha256) => (await call(provider, getAppFile, { name: app, sha256 })).content,
    },
    flash,
    network: { spTsm: { url: settings.spTsm, fetch: spTsm.fetch as Fetch }, web },
    frameAncestors: settings.frameAncestors,
  })
  let listening: Listening | undefined
  const close = async () => {
    await listening?.close()
    await Promise.all([proxyAgent.stop(), radio?.stop()])
    await Promise.all([spTsm.close(), provider.close(), tsms.close(), carrier?.close()])
  }
  try {
    listening = await listen({ actor: 'phone', routes, port: settings.port, trace, ownPagesOnly: true })
    // Asked while the SIM has a channel to spare: the agent may need its only one.
    if (sim !== undefined)
      await iccid()
        .then(casdIn)
        .catch(() => undefined)
    await proxyAgent.resume()
    radio?.start()
    return { url: listening.url, slots, close }
  } catch (error) {
    await close()
    throw error
  }
}

const app = 'jpki-ui'

/** What a site says it says itself: it is not followed elsewhere. */
const web: Fetch = (url, init) => globalThis.fetch(url, { ...init, redirect: 'error' })

/** Connections to whatever TSM the agent is sent to. The APDUs they carry are traced one by one, so the messages are not. */
function tsmsOver(tls: { readonly serviceCa: string }): { readonly tsm: Tsm; close(): Promise<void> } {
  const peers = new Map<string, ReturnType<typeof connectTo>>()
  const peerAt = (url: string, depth: 'sp-tsm' | 'mno-tsm') => {
    const peer = peers.get(url) ?? connectTo({ url, actor: depth, as: 'phone', tls })
    peers.set(url, peer)
    return peer
  }
  return {
    tsm: {
      handshake: async ({ url, sessionId, tsm }, iccid, signal) => {
        const secureElements = [{ seType: 'UICC' as const, seId: iccid }]
        return (await call(peerAt(url, tsm), handshake, { sessionId, secureElements, versions: ['2.0'] }, { signal }))
          .next
      },
      report: async ({ url, sessionId, tsm }, report, signal) => {
        const request = { sessionId, ...(report && { report }) }
        const { next } = await call(peerAt(url, tsm), remoteManagement, request, { signal })
        return next
      },
    },
    close: async () => {
      await Promise.all([...peers.values()].map((peer) => peer.close()))
    },
  }
}

/** Ends early when it is aborted, and never fails. */
const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, signal && { signal }).catch(() => undefined)
