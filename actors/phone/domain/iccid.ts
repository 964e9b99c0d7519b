/** What the phone reads of its SIM for itself. The SIM's own number: EF.ICCID under the master file. ETSI TS 102 221 §13.2: ten octets, nibbles swapped. */
import { casd, iccidText } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Slot } from './slot.ts'

const selectMasterFile = Uint8Array.fromHex('00a40004023f00')
const selectIccid = Uint8Array.fromHex('00a40004022fe2')
const readTen = Uint8Array.fromHex('00b000000a')

export const iccidOf = (slot: Slot): (() => Promise<string>) => oncePerCard(slot, readIccid)

/**
 * Whether keys of the SIM's applications are attested by a CASD of its own: the application, by its name. GPCS Amendment A §3.1.
 * The app asks the phone, and not SP-TSM, which of the two it is to believe.
 */
export const hasCasd = (slot: Slot): (() => Promise<boolean>) => oncePerCard(slot, readCasd)

/** Logical channels are few, and the basic one may be in a reader's hands. */
function oncePerCard<T>(slot: Slot, read: (slot: Slot) => Promise<T>): () => Promise<T> {
  let known: { readonly card: number; readonly answer: Promise<T> } | undefined
  return () => {
    if (known === undefined || known.card !== slot.cards) {
      const reading = { card: slot.cards, answer: read(slot) }
      reading.answer.catch(() => {
        if (known === reading) known = undefined
      })
      known = reading
    }
    return known.answer
  }
}

async function readCasd(slot: Slot): Promise<boolean> {
  try {
    const channel = await slot.share(casd)
    await channel.close()
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return false
    throw error
  }
}

async function readIccid(slot: Slot): Promise<string> {
  const channel = await slot.share()
  try {
    await channel.transmit(selectMasterFile)
    await channel.transmit(selectIccid)
    const answer = await channel.transmit(readTen)
    return iccidText(answer.subarray(0, -2).map((octet) => (octet >> 4) | ((octet & 0x0f) << 4)))
  } catch (error) {
    if (error instanceof RangeError)
      throw new Refusal('card.refused', 'The SIM does not tell its ICCID.', { whose: 'sim', cause: error })
    throw error
  } finally {
    await channel.close()
  }
}
