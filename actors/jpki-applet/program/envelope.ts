/** Opens an envelope inside the card: the receiving side of standards/jpki/envelope.ts. */
import { envelope as format } from '@mobile-jpki/jpki'
import { concat } from '@mobile-jpki/tlv'
import type { Context } from './memory.ts'
import { refuse } from './status.ts'
import { textOf } from './text.ts'

/** The tag is checked before anything is decrypted; every fault up to there gives the same answer. */
export function openEnvelope({ card }: Context, purpose: format.EnvelopePurpose, envelope: Uint8Array): Uint8Array {
  const order = card.nvm.get('order')
  const key = card.nvm.get('envelopeKey')
  if (order === undefined || key === undefined) refuse('conditionsOfUseNotSatisfied')

  const bodyLength = envelope.length - format.headerLength - format.tagLength
  if (bodyLength < 16 || bodyLength % 16 !== 0) refuse('wrongData')
  if (envelope[0] !== format.purposes[purpose]) refuse('securityStatusNotSatisfied')
  const senderPoint = envelope.slice(1, format.headerLength)
  const binding = { instanceAid: card.aid, iccid: card.iccid, orderId: textOf(order) }
  const info = format.sharedInfo(format.purposes[purpose], binding, senderPoint, key.slice(32))
  const z = agree(card, key.slice(0, 32), senderPoint)
  const block = (counter: number) => card.sha256(concat(z, Uint8Array.of(0, 0, 0, counter), info))

  const tag = card.hmacSha256(block(2), envelope.slice(0, -format.tagLength))
  if (!card.equal(tag, envelope.slice(-format.tagLength))) refuse('securityStatusNotSatisfied')
  const ciphertext = envelope.slice(format.headerLength, -format.tagLength)
  return unpad(card.aesCbcDecrypt(block(1), new Uint8Array(16), ciphertext))
}

function agree(card: Context['card'], privateKey: Uint8Array, point: Uint8Array): Uint8Array {
  try {
    return card.p256.agree(privateKey, point)
  } catch {
    // Not a point of the curve, SEC 1 §3.2.2.
    return refuse('securityStatusNotSatisfied')
  }
}

/** ISO/IEC 7816-4 padding '80 00…'. */
function unpad(padded: Uint8Array): Uint8Array {
  const end = padded.findLastIndex((octet) => octet !== 0)
  return padded[end] === 0x80 ? padded.slice(0, end) : refuse('wrongData')
}
