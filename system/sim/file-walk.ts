/** The files of a UICC as any reader finds them, by asking for those that the standards name. ETSI TS 102 221 §13, 3GPP TS 31.102 §4. */

import type { Card } from '@mobile-jpki/iso7816'
import { FileControlParameters, parseResponseApdu } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'

export interface FileSeen {
  readonly path: string
  readonly name: string
  readonly kind: string
  /** In hexadecimal; nothing where reading is refused. */
  readonly content?: string
}

const candidates: readonly (readonly [path: string, name: string])[] = [
  ['3F00', 'MF'],
  ['2F00', 'EF.DIR'],
  ['2FE2', 'EF.ICCID'],
  ['2F05', 'EF.PL'],
  ['2F06', 'EF.ARR'],
  ['2F08', 'EF.UMPC'],
  ['7FFF', 'ADF.USIM'],
  ['7FFF6F07', 'EF.IMSI'],
  ['7FFF6F38', 'EF.UST'],
  ['7FFF6FAD', 'EF.AD'],
  ['7FFF6F78', 'EF.ACC'],
  ['7FFF6F7E', 'EF.LOCI'],
]

const usim = 'A0000000871002'
const mostShown = 64

export async function filesOf(card: Card): Promise<readonly FileSeen[]> {
  const ask = async (hex: string) => parseResponseApdu(await card.transmit(Uint8Array.fromHex(hex)))
  const select = (p1: string, data: string) => ask(`00A4${p1}04${octet(data.length / 2)}${data}`)
  await ask('00A4040000')
  // An application that nobody asked for yet is not the one that 7FFF means.
  await select('04', usim)
  const seen: FileSeen[] = []
  for (const [path, name] of candidates) {
    const { data, sw } = path === '3F00' ? await select('00', path) : await select('08', path)
    const parameters = sw === 0x9000 ? parametersIn(data) : undefined
    if (parameters === undefined) continue
    seen.push({ path, name, ...(await described(parameters, ask)) })
  }
  return seen
}

const octet = (value: number) => Uint8Array.of(value).toHex()

function parametersIn(data: Uint8Array): FileControlParameters | undefined {
  try {
    return FileControlParameters.decode(data)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

type Ask = (hex: string) => Promise<{ readonly data: Uint8Array; readonly sw: number }>

async function described(
  { fileDescriptor, fileSize }: FileControlParameters,
  ask: Ask,
): Promise<Pick<FileSeen, 'kind' | 'content'>> {
  const [descriptor = 0, , high = 0, low = 0, records = 0] = fileDescriptor
  const structure = descriptor & 0x07
  if ((descriptor & 0x38) === 0x38) return { kind: 'directory' }
  const isTransparent = structure === 0x01
  const kind = isTransparent
    ? `${fileSize ?? 0} octets`
    : `${records} ${records === 1 ? 'record' : 'records'} of ${(high << 8) | low} octets`
  const { data, sw } = isTransparent ? await ask('00B0000000') : await ask('00B2010400')
  if (sw !== 0x9000 || data.length === 0) return { kind }
  const text = data
    .subarray(0, mostShown / 2)
    .toHex()
    .toUpperCase()
  return { kind, content: data.length * 2 > mostShown ? `${text}…` : text }
}
