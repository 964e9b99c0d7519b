/** スマートフォン: SIM slot, NFC, TSM proxy agent, secure-element interface, network, storage; routes readable as a table. */

import { deviceApplicationOf } from '@mobile-jpki/globalplatform'
import { type Route, serve, serveRaw } from '@mobile-jpki/service'
import {
  askForDownload,
  closeChannel,
  describeAgent,
  describeDevice,
  exchangeApdu,
  installApp,
  openChannel,
  readStorage,
  resetCard,
  startAgent,
  transmit,
  writeStorage,
} from './contract.ts'
import { accessControl } from './domain/access-control.ts'
import type { Agent } from './domain/agent.ts'
import { type AppProvider, fetchApp, type InstalledApp } from './domain/app.ts'
import { type Network, relay } from './domain/network.ts'
import { type SecureElement, type SecureElementWorld, secureElement } from './domain/secure-element.ts'

export { agent } from './domain/agent.ts'
export { hasCasd, iccidOf, serviceProviderOf } from './domain/own-sim.ts'
export { emptySlot, type Slot } from './domain/slot.ts'
export { type Modem, modem } from './modem/modem.ts'
export { tcp } from './modem/ports.ts'
export type { Attachment, CarrierNetwork, Message, Report } from './modem/world.ts'

/** The app's storage and the app itself, kept on the device. */
export interface Flash {
  read(key: string): Promise<string | undefined>
  write(key: string, value: string | undefined): Promise<void>
  saveApp(app: InstalledApp): Promise<void>
  /** A file of the installed app, if there is one. */
  appFile(path: string): Promise<Uint8Array | undefined>
}

export interface World extends SecureElementWorld {
  readonly device: { readonly model: string; readonly os: string; readonly carrier: string; readonly msisdn: string }
  readonly iccid: () => Promise<string>
  /** As the SIM names its carrier to people. */
  readonly serviceProvider: () => Promise<string | undefined>
  /** Whether the SIM has a CASD. */
  readonly hasCasd: () => Promise<boolean>
  readonly casdAuthorities: readonly Uint8Array[]
  readonly applets: readonly Uint8Array[]
  readonly voucherKeys: readonly Uint8Array[]
  readonly agent: Agent
  readonly spTsmUrl: string
  readonly appProvider: AppProvider & { readonly point: Uint8Array }
  readonly flash: Flash
  readonly network: Network
  /** Origins whose pages may show the screen in a frame. */
  readonly frameAncestors: readonly string[]
}

export const phone = (world: World): readonly Route[] => {
  const signer = deviceApplicationOf(world.appProvider.point)
  const elements = secureElement({ ...world, accessTo: accessControl(world.slots.SIM1, [signer]) })
  const install = async () => {
    const app = await fetchApp(world.appProvider, world.appProvider.point)
    await world.flash.saveApp(app)
    const octets = [...app.files.values()].reduce((sum, { length }) => sum + length, 0)
    return { name: app.name, version: app.version, files: app.files.size, octets }
  }
  return [
    ...deviceRoutes(world),
    ...elementRoutes(elements),
    ...readerRoutes(world),
    serve(installApp, install),
    serve(askForDownload, async () => ({ iccid: await world.iccid() })),
    serve(startAgent, async ({ sessionId }) => {
      // A TSM cannot delete what is selected on another channel. GPCS v2.3.1 §9.5.
      await elements.tidy('SIM1')
      await world.agent.start({ url: world.spTsmUrl, sessionId, tsm: 'sp-tsm' })
      return {}
    }),
    serve(describeAgent, () => ({ ...world.agent.state })),
    serve(readStorage, async ({ key }) => {
      const value = await world.flash.read(key)
      return value === undefined ? {} : { value }
    }),
    serve(writeStorage, async ({ key, value }) => {
      await world.flash.write(key, value)
      return {}
    }),
    ...networkRoutes(world.network),
    ...screenRoutes(world.flash, install, policyFor(world.frameAncestors)),
  ]
}

const deviceRoutes = ({
  device,
  slots,
  iccid,
  serviceProvider,
  hasCasd,
  casdAuthorities,
  applets,
  voucherKeys,
  spTsmUrl,
}: World): readonly Route[] => [
  serve(describeDevice, async () => ({
    ...device,
    ...(slots.SIM1.present && {
      iccid: await iccid(),
      casd: await hasCasd(),
      serviceProvider: await serviceProvider(),
    }),
    spTsm: new URL(spTsmUrl).origin,
    readers: (['SIM1', 'NFC'] as const).map((name) => ({ name, present: slots[name].present })),
    trust: { casdAuthorities: [...casdAuthorities], applets: [...applets], voucherKeys: [...voucherKeys] },
  })),
]

const elementRoutes = (elements: SecureElement): readonly Route[] => [
  serve(openChannel, ({ reader, kind, aid }) => elements.open(reader, kind, aid)),
  serve(transmit, async ({ channel, command }) => ({ response: await elements.transmit(channel, command) })),
  serve(closeChannel, async ({ channel }) => {
    await elements.close(channel)
    return {}
  }),
]

const readerRoutes = ({ slots }: World): readonly Route[] => [
  serve(resetCard, async ({ reader }) => ({ answerToReset: await slots[reader].shared.reset() })),
  serve(exchangeApdu, async ({ reader, command }) => ({ response: await slots[reader].shared.transmit(command) })),
]

const networkRoutes = (network: Network): readonly Route[] =>
  (['GET', 'POST', 'PUT', 'DELETE'] as const).map((method) =>
    serveRaw({
      method,
      path: '/network/:to/*',
      handler: async ({ path: asked, fields, query, headers, body }) => {
        const search = query.size === 0 ? '' : `?${query}`
        const kept = ['accept', 'content-type', 'jpki-recorded-by'].flatMap((name) =>
          typeof headers[name] === 'string' ? [[name, headers[name]] as const] : [],
        )
        // As it was written: a decoded path could name another place.
        const path = `${asked.split('/').slice(3).join('/')}${search}`
        const reply = await relay(network, fields['to'] ?? '', {
          method,
          path,
          headers: Object.fromEntries(kept),
          body,
        })
        const type = reply.status >= 400 ? 'application/problem+json' : 'application/json'
        return { status: reply.status, headers: { 'content-type': type }, body: reply.body }
      },
    }),
  )

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

const policyFor = (frameAncestors: readonly string[]): string =>
  [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    `frame-ancestors ${frameAncestors.join(' ') || "'none'"}`,
  ].join('; ')

/** The installed app on the phone's screen; before ① there is only the place to install it from. */
const screenRoutes = (flash: Flash, install: () => Promise<unknown>, policy: string): readonly Route[] => {
  const page = async (path: string) => {
    const content = await flash.appFile(path)
    if (content === undefined)
      return {
        status: 404,
        headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
        body: notInstalled,
      }
    const type = types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    return { headers: { 'content-type': type, 'content-security-policy': policy }, body: content }
  }
  return [
    serveRaw({
      method: 'POST',
      path: '/apps/install',
      handler: async () => {
        await install()
        return { status: 303, headers: { location: '/' } }
      },
    }),
    serveRaw({ method: 'GET', path: '/', handler: () => page('index.html') }),
    serveRaw({ method: 'GET', path: '/assets/*', handler: ({ fields }) => page(`assets/${fields['*']}`) }),
  ]
}

const notInstalled = `<!doctype html><html lang="ja"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>スマートフォン</title>
<style>:root{color-scheme:light dark}body{font:16px/1.6 "Noto Sans JP","Noto Sans CJK JP",system-ui,sans-serif;max-width:24rem;margin:0 auto;padding:3rem 1rem;text-align:center;color:light-dark(#1a1a1a,#f2f2f2);background:light-dark(#fff,#1a1a1a)}
svg{width:6rem;height:6rem}h1{font-size:1.375rem}button{font:inherit;font-weight:700;width:100%;min-height:3.5rem;padding:.5rem 1rem;border:0;border-radius:8px;background:light-dark(#0017c1,#9db7f9);color:light-dark(#fff,#000);cursor:pointer}
:focus-visible{outline:4px solid light-dark(#000,#fff);outline-offset:2px;box-shadow:0 0 0 2px #ffd43d}</style>
<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#0017c1"/><rect x="7" y="5" width="18" height="22" rx="3" fill="none" stroke="#fff" stroke-width="2"/><path d="m12 17 3 3 6-7" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></svg>
<main lang="ja"><h1>JPKI-UIアプリ</h1><p>まだインストールされていません。<br><span lang="en">The app is not installed yet.</span></p>
<form method="post" action="/apps/install"><button>インストール <span lang="en">Install</span></button></form></main></html>`
