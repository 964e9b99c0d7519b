/**
 * The files of the card: what a terminal reads at its start, and no telephone function. ETSI TS 102 221 §13 (MF),
 * 3GPP TS 31.102 §4.2 (ADF USIM). The subscription is one of the test network 001/01, which no operator has.
 */
import type { Nvm } from '@mobile-jpki/nvm'
import { concat, utf8, writeTlv } from '@mobile-jpki/tlv'
import { isSelectable } from '../domain/life-cycle.ts'
import type { CardContext } from '../domain/state.ts'
import { type AccessRuleName, accessRuleRecords } from './access.ts'

export const ids = { mf: 0x3f00, adf: 0x7fff } as const
export type Directory = 'mf' | 'usim'

/** 3GPP's provider identifier, USIM (1002), country code 81, provider code and field of its own. TS 101 220 annex E. */
export const usimAid = Uint8Array.fromHex('A0000000871002FF81FFFF8907090000')

export interface ElementaryFile {
  readonly id: number
  readonly shortIdentifier?: number
  readonly access: AccessRuleName
  /** Octets of one record; a file without is transparent. */
  readonly recordLength?: number
  /** As the maker wrote it: one entry, or one for each record. */
  readonly content: (card: CardContext) => readonly Uint8Array[]
}

const fixed = (...hex: string[]) => {
  const records = hex.map((one) => Uint8Array.fromHex(one))
  return () => records
}

const arr = (id: number, shortIdentifier: number): ElementaryFile => ({
  id,
  shortIdentifier,
  access: 'open',
  recordLength: 0x1c,
  content: () => accessRuleRecords.map((record) => filled(record, 0x1c)),
})

/** Location area 001/01, nowhere yet: TS 24.008 §10.5.1.3. */
const nowhere = '00F110FFFE'

// biome-ignore format: a table, one line each
export const files: Readonly<Record<Directory, readonly ElementaryFile[]>> = {
  mf: [
    { id: 0x2f00, shortIdentifier: 0x1e, access: 'open', recordLength: 0x26, content: directory },
    { id: 0x2f05, shortIdentifier: 0x05, access: 'setting', content: fixed('6A61656E') },
    arr(0x2f06, 0x06),
    { id: 0x2fe2, shortIdentifier: 0x02, access: 'open', content: (card) => [iccid(card)] },
  ],
  usim: [
    { id: 0x6f05, shortIdentifier: 0x02, access: 'setting', content: fixed('6A61656E') },
    arr(0x6f06, 0x17),
    { id: 0x6f07, shortIdentifier: 0x07, access: 'subscriber', content: (card) => [imsi(card)] },
    { id: 0x6f08, shortIdentifier: 0x08, access: 'network', content: fixed(`07${'FF'.repeat(32)}`) },
    { id: 0x6f09, shortIdentifier: 0x09, access: 'network', content: fixed(`07${'FF'.repeat(32)}`) },
    { id: 0x6f31, shortIdentifier: 0x12, access: 'subscriber', content: fixed('05') },
    { id: 0x6f38, shortIdentifier: 0x04, access: 'subscriber', content: fixed('000004') },
    { id: 0x6f46, access: 'open', content: (card) => [serviceProvider(card)] },
    { id: 0x6f73, shortIdentifier: 0x0c, access: 'network', content: fixed(`${'FF'.repeat(7)}${nowhere}FF01`) },
    { id: 0x6f78, shortIdentifier: 0x06, access: 'subscriber', content: (card) => [accessClass(card)] },
    { id: 0x6f7b, shortIdentifier: 0x0d, access: 'network', content: fixed('FF'.repeat(12)) },
    { id: 0x6f7e, shortIdentifier: 0x0b, access: 'network', content: fixed(`FFFFFFFF${nowhere}FF01`) },
    { id: 0x6fad, shortIdentifier: 0x03, access: 'open', content: fixed('00000002') },
    { id: 0x6fb7, shortIdentifier: 0x01, access: 'open', recordLength: 4, content: fixed('11F0FF01', '11F9FF06', '11F8FF08') },
  ],
}

const place = ({ id }: ElementaryFile, directory: Directory) => `file/${directory}/${id.toString(16)}`

/** What the terminal has written since, or what the maker wrote. */
export function contentOf(card: CardContext, directory: Directory, file: ElementaryFile): readonly Uint8Array[] {
  const written = card.nvm.get(place(file, directory))
  return written === undefined ? file.content(card) : [written]
}

export const keepContent = (nvm: Nvm, directory: Directory, file: ElementaryFile, content: Uint8Array): void =>
  nvm.set(place(file, directory), content)

function filled(content: Uint8Array, length: number): Uint8Array {
  const whole = new Uint8Array(length).fill(0xff)
  whole.set(content)
  return whole
}

/** EF.DIR: an application template each, the USIM first. TS 102 221 §13.1. */
function directory({ registry }: CardContext): readonly Uint8Array[] {
  const others = registry.applications().filter(({ kind, lifeCycle }) => kind === 'program' && isSelectable(lifeCycle))
  const usim = concat(writeTlv(0x4f, usimAid), writeTlv(0x50, utf8().encode('USIM')))
  const templates = [usim, ...others.map(({ aid }) => writeTlv(0x4f, aid))]
  return templates.map((template) => filled(writeTlv(0x61, template), 0x26))
}

/** Two digits an octet with the nibbles swapped. TS 102 221 §13.2. */
const iccid = ({ nvm }: CardContext): Uint8Array =>
  (nvm.get('card/iccid') ?? new Uint8Array()).map((octet) => ((octet & 0x0f) << 4) | (octet >>> 4))

const serviceProviderPlace = 'card/service-provider'

export const keepServiceProvider = (nvm: Nvm, name: string): void => nvm.set(serviceProviderPlace, utf8().encode(name))

/** Display condition (the registered network's own name beside it), then the name. TS 31.102 §4.2.12. */
const serviceProvider = ({ nvm }: CardContext): Uint8Array =>
  concat(Uint8Array.of(0x01), filled(nvm.get(serviceProviderPlace) ?? utf8().encode('Mobile JPKI Test'), 16))

const imsiPlace = 'card/imsi'

export const keepImsi = (nvm: Nvm, digits: string): void => nvm.set(imsiPlace, utf8().encode(digits))

/** Test network 001/01, and the ten digits of the ICCID before its check digit. */
function imsiDigits({ nvm }: CardContext): string {
  const written = nvm.get(imsiPlace)
  if (written !== undefined) return utf8().decode(written)
  const number = (nvm.get('card/iccid') ?? new Uint8Array()).toHex().replace(/f+$/, '')
  return `00101${number.slice(0, -1).slice(-10).padStart(10, '0')}`
}

/** Length, then parity and digits with the nibbles swapped. TS 31.102 §4.2.2. */
function imsi(card: CardContext): Uint8Array {
  const digits = `9${imsiDigits(card)}`
  return Uint8Array.fromHex(`08${digits.replace(/(.)(.)/g, '$2$1')}`)
}

/** Classes 0 to 9 by the last digit of the IMSI, as networks hand them out. TS 31.102 §4.2.15, TS 22.011 §4.2. */
function accessClass(card: CardContext): Uint8Array {
  const bit = 1 << Number(imsiDigits(card).at(-1))
  return Uint8Array.of(bit >>> 8, bit & 0xff)
}
