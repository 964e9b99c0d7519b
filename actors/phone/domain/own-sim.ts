/** What the phone reads of its SIM for itself: number, service provider, CASD. */
import { casd, iccidText } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { utf8 } from '@mobile-jpki/tlv'
import type { Slot } from './slot.ts'

const selectMasterFile = Uint8Array.fromHex('00a40004023f00')
/** EF.ICCID under the master file: ten octets, nibbles swapped. ETSI TS 102 221 §13.2. */
const selectIccid = Uint8Array.fromHex('00a40004022fe2')
const readTen = Uint8Array.fromHex('00b000000a')

/** 3GPP's provider identifier and the application code of a USIM: ETSI TS 101 220 annex E. */
const usim = Uint8Array.fromHex('a0000000871002')
/** EF.SPN: the display condition, then the name of whoever sold the SIM, filled up with FF. 3GPP TS 31.102 §4.2.12. */
const selectServiceProvider = Uint8Array.fromHex('00a40004026f46')
const readServiceProvider = Uint8Array.fromHex('00b0000011')

export const iccidOf = (slot: Slot): (() => Promise<string>) => oncePerCard(slot, readIccid)

/** As the SIM names its carrier to people; undefined where it does not. */
export const serviceProviderOf = (slot: Slot): (() => Promise<string | undefined>) =>
  oncePerCard(slot, readServiceProviderName)

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

async function readServiceProviderName(slot: Slot): Promise<string | undefined> {
  try {
    const channel = await slot.share(usim)
    try {
      await channel.transmit(selectServiceProvider)
      const answer = await channel.transmit(readServiceProvider)
      return nameIn(answer.subarray(1, -2))
    } finally {
      await channel.close()
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reference.not-found') return undefined
    throw error
  }
}

/** In the GSM default alphabet, whose letters and figures are those of ASCII, or after 80 in UCS2. TS 31.102 §4.2.12. */
function nameIn(field: Uint8Array): string | undefined {
  const end = field.indexOf(0xff)
  const coded = end < 0 ? field : field.subarray(0, end)
  const name = coded[0] === 0x80 ? new TextDecoder('utf-16be').decode(coded.subarray(1)) : utf8().decode(coded)
  return name === '' ? undefined : name
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
