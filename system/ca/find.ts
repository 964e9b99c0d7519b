/** The one certificate that a serial number means. */
import { type CertificateSummary, findCertificates, SerialNumber } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { value } from '../command.ts'

export const authorityOption = value(
  'NAME',
  'sign or auth, where a serial number alone does not say it',
  z.enum(['sign', 'auth'], { error: 'write sign or auth' }).optional(),
)

/** As openssl prints it, too: upper case, colons, a leading 0x. */
export function serialNumberFrom(text: string): string {
  const digits = text
    .toLowerCase()
    .replace(/^0x/, '')
    .replaceAll(':', '')
    .replace(/^(?:00)+(?=..)/, '')
  const { success, data } = SerialNumber.safeParse(digits)
  if (!success) throw new Refusal('request.malformed', `${text} is no serial number: write it in hexadecimal.`)
  return data
}

export async function oneBySerialNumber(
  peer: Peer,
  given: string,
  authority?: 'sign' | 'auth',
): Promise<CertificateSummary> {
  const serialNumber = serialNumberFrom(given)
  const { certificates } = await call(peer, findCertificates, {
    serialNumber,
    atMost: 2,
    ...(authority && { authority }),
  })
  const [first, second] = certificates
  if (first === undefined)
    throw new Refusal('reference.not-found', `No certificate has the serial number ${serialNumber}.`)
  if (second !== undefined)
    throw new Refusal('request.malformed', `Both authorities issued a ${serialNumber}: add --authority.`)
  return first
}
