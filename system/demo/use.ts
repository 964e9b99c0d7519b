/** The two uses of ⑱'s result: the phone held against a reader, as a card; and a login over the net. */
import { createHash, randomBytes, verify, X509Certificate } from 'node:crypto'
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { answer, asked, type Device } from '@mobile-jpki/jpki-ui/domain'
import { Refusal } from '@mobile-jpki/refusal'
import { beginLogin, getOutcome } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service/call'
import { cardIn } from '../sim/card-in.ts'

export interface Used {
  readonly use: 'as a card' | 'over the net'
  readonly what: string
  readonly octets: number
  readonly milliseconds: number
}

/** As a PC/SC program uses it: reset, SELECT, VERIFY, sign; the signature is checked with the certificate read from the card. */
export async function useAsCard({ phone }: Device, pin: string): Promise<Used> {
  const start = performance.now()
  let octets = 0
  const inReader = cardIn(phone.url, 'SIM1')
  await inReader.reset()
  const card = {
    transmit: async (command: Uint8Array) => {
      const response = await inReader.transmit(command)
      octets += command.length + response.length
      return response
    },
  }
  try {
    const serialNumber = await signAndVerify(card, pin)
    const what = `PIN verified, challenge signed, signature verified with certificate ${serialNumber}`
    return { use: 'as a card', what, octets, milliseconds: performance.now() - start }
  } finally {
    // Taken out of the reader: the PIN is forgotten, and nothing keeps the applet selected.
    await inReader.reset()
  }
}

/** Answers the serial number of the certificate. */
async function signAndVerify(card: cardClient.CardChannel, pin: string): Promise<string> {
  await cardClient.selectJpki(card)
  const { publicKey, serialNumber } = new X509Certificate(await cardClient.readCertificate(card, 'auth'))
  const challenge = randomBytes(32)
  const { outcome } = await cardClient.verifyPin(card, 'auth', pin)
  if (outcome !== 'verified') throw new Refusal(outcome === 'blocked' ? 'pin.blocked' : 'pin.wrong')
  const digest = new Uint8Array(createHash('sha256').update(challenge).digest())
  const signature = await cardClient.sign(card, 'auth', digestInfoOf(digest))
  if (!verify('sha256', challenge, publicKey, signature))
    throw new Refusal('login.signature-invalid', 'The signature of the card does not verify.')
  return serialNumber
}

/** The page's part and the app's part of a login; the relying party verifies path, signature and OCSP status. */
export async function useOverNet(device: Device, site: string, pin: string): Promise<Used> {
  const start = performance.now()
  const page = { url: site, actor: 'relying-party', as: 'user' } as const
  const { loginId, ticket, number } = await call(page, beginLogin, {})
  const request = await asked(device, site, loginId)
  await answer(device, request, loginId, { number, pin })
  const outcome = await call(page, getOutcome, { loginId, ticket })
  if (outcome.state !== 'accepted') throw new Refusal('login.signature-invalid', `The login ended ${outcome.state}.`)
  return {
    use: 'over the net',
    what: `logged in at ${request.name} (${request.origin}) as ${outcome.serialNumber}: path, signature, OCSP`,
    octets: 0,
    milliseconds: performance.now() - start,
  }
}
