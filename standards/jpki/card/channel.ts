/** Files of the JPKI card application, over whatever carries APDUs to it. ISO/IEC 7816-4:2020 §11.2 and §11.3. */
import {
  type Card,
  type CommandApdu,
  encodeCommandApdu,
  parseResponseApdu,
  type ResponseApdu,
} from '@mobile-jpki/iso7816'
import { ReadBinary, readBinary, SelectFile } from './application.ts'

/** Whatever carries APDUs to the card: the card itself, a reader, a logical channel of a phone's secure element. */
export type CardChannel = Pick<Card, 'transmit'>

export const send = async (card: CardChannel, apdu: CommandApdu): Promise<ResponseApdu> =>
  parseResponseApdu(await card.transmit(encodeCommandApdu(apdu)))

export async function selectFile(card: CardChannel, file: number): Promise<void> {
  SelectFile.fromResponse(await send(card, SelectFile.toApdu({ data: file })))
}

export async function readCurrentFile(card: CardChannel, from: number, to: number): Promise<Uint8Array> {
  const content = new Uint8Array(to - from)
  for (let at = from; at < to; ) {
    const part = ReadBinary.fromResponse(await send(card, readBinary(at, Math.min(to - at, 256))))
    if (part.length === 0) throw new RangeError(`the file ends at ${at}, not at ${to}`)
    content.set(part, at - from)
    at += part.length
  }
  return content
}
