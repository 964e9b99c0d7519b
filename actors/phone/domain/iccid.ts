/** The SIM's own number, EF.ICCID under the master file. ETSI TS 102 221 §13.2: ten octets, nibbles swapped. */
import { iccidText } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Slot } from './slot.ts'

const selectMasterFile = Uint8Array.fromHex('00a40004023f00')
const selectIccid = Uint8Array.fromHex('00a40004022fe2')
const readTen = Uint8Array.fromHex('00b000000a')

/** Read once for each time that a card is put in or reset: logical channels are few. */
export function iccidOf(slot: Slot): () => Promise<string> {
  let known: { readonly epoch: number; readonly iccid: Promise<string> } | undefined
  return () => {
    if (known === undefined || known.epoch !== slot.epoch) {
      const reading = { epoch: slot.epoch, iccid: readIccid(slot) }
      reading.iccid.catch(() => {
        if (known === reading) known = undefined
      })
      known = reading
    }
    return known.iccid
  }
}

async function readIccid(slot: Slot): Promise<string> {
  const channel = await slot.open('logical')
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
