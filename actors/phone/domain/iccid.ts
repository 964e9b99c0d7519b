/** The SIM's own number as its issuer security domain tells it: card image number, GET DATA '45'. GPCS v2.3.1 §7.4.1.2. */
import { iccidText } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Slot } from './slot.ts'

const issuerSecurityDomain = Uint8Array.fromHex('a000000151000000')
const getCardImageNumber = Uint8Array.fromHex('80ca004500')

export async function readIccid(slot: Slot): Promise<string> {
  const channel = await slot.open('logical', issuerSecurityDomain)
  try {
    const answer = await channel.transmit(getCardImageNumber)
    if (answer.length !== 14 || answer[0] !== 0x45)
      throw new Refusal('card.refused', 'The SIM does not tell its number.', { whose: 'sim' })
    return iccidText(answer.subarray(2, 12))
  } finally {
    await channel.close()
  }
}
