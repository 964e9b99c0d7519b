/** A PC: Chromium on the page, a pcscd of its own with a virtual reader, the person's My Number card to put in, and `./jpki card-helper`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Card } from '@mobile-jpki/iso7816'
import { buildPcPage, startPcPage } from '@mobile-jpki/pc'
import { call, type Listening } from '@mobile-jpki/service'
import { attach } from '@mobile-jpki/vpcd'
import { type Island, openIsland } from '@mobile-jpki/vpcd/pcsc-island'
import { type Browser, chromium, type Page } from 'playwright-core'
import { pathOf } from '../../../test/needs.ts'
import { exchangeApduWithCardOf, resetCardOf } from '../../town/contract.ts'
import { freePortBase } from '../../town/layout.ts'
import { hanako } from '../../town/people.ts'
import { jpkiIn, type Running } from '../stage/process.ts'
import { openTown, type StoryTown } from '../stage/town.ts'

export const patience = 40_000
const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const carriers = [
  { id: 'carrier-a', name: 'Carrier A' },
  { id: 'carrier-b', name: 'Carrier B' },
]

export interface Reader {
  insert(): void
  pull(): Promise<void>
  /** The card leaves at its next command of that instruction, which it does not answer. */
  pullDuring(instruction: number): void
}

export interface PersonalComputer extends AsyncDisposable {
  readonly town: StoryTown
  readonly island: Island
  readonly reader: Reader
  /** The page, served for the one helper of this PC. */
  readonly site: string
  readonly helper: string
  readonly faults: string[]
  open(viewport?: { width: number; height: number }): Promise<Page>
  startHelper(): Promise<Running>
}

export async function openPc(): Promise<PersonalComputer> {
  const opened = new AsyncDisposableStack()
  try {
    const town = opened.use(await openTown({ cardAt: 'table' }))
    const island = opened.use(await openIsland())
    const base = await freePortBase()
    const helper = `http://127.0.0.1:${base}`
    const page = opened.adopt(await pageOf(town, helper), ({ close }) => close())
    const reader = readerOn(island, walletCard(town))
    opened.defer(() => reader.pull())
    const browser = opened.adopt(
      await chromium.launch({ executablePath: pathOf('chromium') ?? '', args: quiet }),
      (one: Browser) => one.close(),
    )
    const faults: string[] = []
    const all = opened.move()
    return {
      town,
      island,
      reader,
      site: page.url,
      helper,
      faults,
      open: async (viewport = { width: 1100, height: 900 }) => {
        const context = await browser.newContext({ viewport })
        context.setDefaultTimeout(patience)
        context.on('weberror', (error) => faults.push(error.error().message))
        context.on('console', (said) => {
          if (/Content Security Policy/.test(said.text())) faults.push(said.text())
        })
        const opened = await context.newPage()
        await opened.goto(page.url)
        return opened
      },
      startHelper: async () => {
        const given = ['--site', page.url, '--port', String(base), '--data', town.data]
        const running = jpkiIn(island.environment, 'card-helper', ...given)
        assert.ok(await running.line((line) => line.startsWith('The card helper is at')), running.said.err)
        all.defer(async () => void (await running.end('SIGINT')))
        return running
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

const pageOf = (town: StoryTown, helper: string): Promise<Listening> =>
  startPcPage(
    {
      port: 0,
      spTsm: town.places.spTsm,
      serviceCa: town.phoneSettings.serviceCa,
      page: { helpers: [helper], carriers, phones: [{ model: hanako.phone.model, os: hanako.phone.os }] },
    },
    { page: async () => (await buildPcPage()).directory },
  )

/** The card that is in her wallet. */
function walletCard({ places }: StoryTown): Card {
  const town = { url: places.town, actor: 'system', as: 'user' } as const
  const person = hanako.id
  return {
    reset: async () => (await call(town, resetCardOf, { person })).answerToReset,
    transmit: async (command) => (await call(town, exchangeApduWithCardOf, { person, command })).response,
  }
}

function readerOn(island: Island, card: Card): Reader {
  let inside: { readonly cable: Promise<Cable>; pull(): Promise<void> } | undefined
  let fatal: number | undefined
  return {
    insert: () => {
      const cable = cableTo(island.reader)
      const attached = cable.then(({ port, cut }) =>
        attach(
          {
            reset: () => card.reset(),
            transmit: async (command) => {
              if (command[1] === fatal) {
                fatal = undefined
                cut()
              }
              return card.transmit(command)
            },
          },
          { port },
        ),
      )
      inside = {
        cable,
        pull: async () => {
          const { cut } = await cable
          cut()
          await (await attached).detach()
        },
      }
    },
    pull: async () => {
      const before = inside
      inside = undefined
      await before?.pull()
    },
    pullDuring: (instruction) => {
      fatal = instruction
    },
  }
}

interface Cable {
  readonly port: number
  cut(): void
}

/** Between card and reader; cut, it is cut for good. */
async function cableTo(reader: string): Promise<Cable> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((outer) => {
    const inner = connect(reader)
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, cut }
}
