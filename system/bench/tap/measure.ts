/** One tap at a terminal, many times over: what it asks of the card, of the air between, and of the terminal itself. */
import type { Card } from '@mobile-jpki/iso7816'
import { cardClient } from '@mobile-jpki/jpki'
import { describeTrust } from '@mobile-jpki/jpki-system/contract'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { call } from '@mobile-jpki/service'
import { type Asking, type Cost, read, type Terminal } from '@mobile-jpki/terminal'
import { noTrace } from '@mobile-jpki/trace'
import { download } from '../../demo/download.ts'
import { openTerminal } from '../../terminals/enrolled.ts'
import { freePortBase, layoutOf, portsFrom } from '../../town/layout.ts'
import { phoneOf } from '../../town/phones.ts'
import { startTown } from '../../town/town.ts'
import { type Machine, machine, median } from '../figures.ts'

export interface TapRow {
  readonly way: 'with PIN' | 'without PIN'
  readonly commands: number
  readonly octets: number
  /** The octets at 106 kbit/s, the slowest rate of ISO/IEC 14443-3: what the air takes at most. */
  readonly airMilliseconds: number
  /** Medians. The software SIM in this process: a chip takes longer. */
  readonly cardMilliseconds: number
  readonly ownMilliseconds: number
}

export interface TapFigures {
  readonly machine: Machine
  readonly taps: number
  readonly rows: readonly TapRow[]
}

export interface TapSettings {
  readonly data: string
  readonly taps: number
  readonly progress: (what: string) => void
}

export async function measureTap({ data, taps, progress }: TapSettings): Promise<TapFigures> {
  const town = await startTown({ data, ports: portsFrom(await freePortBase()), progress })
  try {
    progress('a download into the SIM that will be read')
    await using phone = await phoneOf({ ...town, data }, { simType: 'a-uicc-2016' })
    await download(phone.person)
    const { card } = phone.sim()
    const pin = phone.who.card.authPin
    await switchedOn(card, pin)
    const now = () => new Date()
    const { places } = town
    const { identityOf } = await openServiceCertificates(layoutOf(data).of('service-ca'), now)
    const { authorities } = await call({ url: places.publication, actor: 'jpki-system' }, describeTrust, {})
    const auth = authorities.flatMap(({ name, certificate }) => (name === 'auth' ? [certificate] : []))
    const around = { layout: layoutOf(data), places, authorities: { auth }, identityOf, trace: noTrace, now }
    await using open = await openTerminal(around, { institution: 'bench', terminalId: 'bench-1', role: 'pinLess' })
    const many = async (way: TapRow['way'], asking: Asking): Promise<TapRow> => {
      progress(way)
      return rowOf(way, await taken(open.terminal, card, asking, taps))
    }
    const rows = [
      await many('with PIN', { text: '資格確認', way: 'pin', pin: async () => pin }),
      await many('without PIN', { text: '資格確認', way: 'pin-less' }),
    ]
    return { machine: machine(), taps, rows }
  } finally {
    await town.close()
  }
}

async function switchedOn(card: Card, pin: string): Promise<void> {
  await card.reset()
  await cardClient.selectJpki(card)
  await cardClient.verifyPin(card, 'auth', pin)
  await cardClient.setPinLess(card, true)
}

/** The first one warms up, and is not counted. */
async function taken(terminal: Terminal, card: Card, asking: Asking, taps: number): Promise<readonly Cost[]> {
  const costs: Cost[] = []
  for (let tap = 0; tap <= taps; tap++) {
    await card.reset()
    const reading = await read(terminal, card, asking)
    if (!reading.ok) throw reading.refusal
    if (tap > 0) costs.push(reading.cost)
  }
  return costs
}

const rowOf = (way: TapRow['way'], costs: readonly Cost[]): TapRow => {
  const { apdus: commands = 0, octets = 0 } = costs[0] ?? {}
  return {
    way,
    commands,
    octets,
    airMilliseconds: (octets * 8) / 106,
    cardMilliseconds: median(costs.map((cost) => cost.cardMilliseconds)),
    ownMilliseconds: median(costs.map((cost) => cost.ownMilliseconds)),
  }
}
