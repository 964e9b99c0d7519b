/** A download by every way, one after the other, each of somebody new; at the end unmodified OpenSC logs in with the card. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { iccidOctets } from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { Refusal } from '@mobile-jpki/refusal'
import type { TraceEntry } from '@mobile-jpki/trace'
import { attach } from '@mobile-jpki/vpcd'
import { type Island, openIsland, openScOn } from '@mobile-jpki/vpcd/pcsc-island'
import { carriers } from '../../carriers/carriers.ts'
import { download } from '../../demo/download.ts'
import { powerOf } from '../../faults/power.ts'
import { cardIn } from '../../sim/card-in.ts'
import { freePortBase, portsFrom } from '../../town/layout.ts'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { startTown } from '../../town/town.ts'
import { type Machine, machine } from '../figures.ts'
import { airOf } from './air.ts'
import { type Bearer, type Cell, cellsOf } from './cells.ts'

export interface Row extends Cell {
  readonly outcome: 'downloaded' | 'refused' | 'failed'
  /** Of what did not end with a download. */
  readonly reason?: string
  /** Commands at the contacts of the SIM, from ⑫ on. */
  readonly commands: number
  readonly roundTrips: number
  readonly octets: number
  /** From ⑫ to the end. */
  readonly seconds: number
  /** OpenSC read the certificate, logged in with the PIN and signed. Null where it is not installed. */
  readonly openSc: boolean | null
}

export interface MatrixFigures {
  readonly machine: Machine
  /** What must go into the SIM at least: the applet's load file; key and certificates in their envelope are some 3,000 more. */
  readonly loadFileOctets: number
  readonly rows: readonly Row[]
}

export interface MatrixSettings {
  readonly data: string
  readonly sims: readonly string[]
  readonly bearers: readonly Bearer[]
  /** False where PC/SC is not to be had. */
  readonly openSc: boolean
  readonly progress: (what: string) => void
}

export async function measureMatrix(settings: MatrixSettings): Promise<MatrixFigures> {
  const rows: Row[] = []
  const island = settings.openSc ? await openIsland() : undefined
  try {
    for (const bearer of settings.bearers) rows.push(...(await byBearer(bearer, settings, island)))
  } finally {
    await island?.close()
  }
  const { loadFile } = await buildLoadFile()
  return { machine: machine(), loadFileOctets: loadFile.length, rows }
}

/** A town of its own, in which SP-TSM prefers that bearer with every carrier. */
async function byBearer(bearer: Bearer, { data, progress, ...wanted }: MatrixSettings, island: Island | undefined) {
  const cells = cellsOf({ sims: wanted.sims, bearers: [bearer] })
  if (cells.length === 0) return []
  const entries: TraceEntry[] = []
  const trace = { record: (entry: TraceEntry) => void entries.push(entry) }
  const folder = join(data, bearer)
  await mkdir(folder, { recursive: true })
  const town = await startTown({
    data: folder,
    ports: portsFrom(await freePortBase()),
    progress,
    trace,
    bearers: Object.fromEntries(Object.keys(carriers).map((carrier) => [carrier, bearer])),
  })
  try {
    const rows: Row[] = []
    for (const cell of cells) {
      progress(`${cell.simType}, ${bearer}, ${cell.keys}`)
      await using phone = await phoneOf(
        { ...town, data: folder },
        { simType: cell.simType, keyGeneration: cell.keys, trace },
      )
      rows.push(await oneRow(cell, phone, entries, island))
    }
    return rows
  } finally {
    await town.close()
  }
}

async function oneRow(cell: Cell, phone: TownPhone, entries: TraceEntry[], island: Island | undefined): Promise<Row> {
  const power = powerOf(phone.sim().card)
  await phone.restart({ ...phone.sim(), card: power.card })
  entries.length = 0
  let failed: Pick<Row, 'outcome' | 'reason'> | undefined
  await download(phone.person).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    const isRefused = !entries.some(({ step }) => step === '⑬')
    failed = { outcome: isRefused ? 'refused' : 'failed', reason: `${error.code}: ${error.message}` }
  })
  const from = entries.findIndex(({ step }) => step === '⑫')
  const later = from < 0 ? [] : entries.slice(from)
  const [start, end] = [later[0], later.at(-1)]
  const seconds = start === undefined || end === undefined ? 0 : (end.at.getTime() - start.at.getTime()) / 1000
  const sums = { ...airOf(cell.bearer, later), commands: power.commands.length, seconds }
  if (failed !== undefined) return { ...cell, ...failed, ...sums, openSc: null }
  return { ...cell, outcome: 'downloaded', ...sums, openSc: island === undefined ? null : await logsIn(island, phone) }
}

/** Unmodified, in its default configuration, over PC/SC. */
async function logsIn(island: Island, { url, person, sim }: TownPhone): Promise<boolean> {
  const attachment = attach(cardIn(url, 'SIM1'), { path: island.reader })
  try {
    await island.cardPresent()
    const openSc = openScOn(island)
    const message = `login with ${iccidOctets(sim().iccid).toHex()}`
    const certificate = await openSc.readCertificate('auth')
    return await openSc.isSignatureOf(certificate, message, await openSc.sign('auth', person.pin, message))
  } finally {
    await attachment.detach()
  }
}
