/** A form signed by the My Number card, wherever the card is held: CMS SignedData, RFC 5652; docs/protocols/application.md. */
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { assembleSignedData, signedAttributesToSign } from '@mobile-jpki/pkix'
import { refusalOfPin } from './pin/outcome.ts'

const sha256 = async (octets: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(octets)))

/** DER of the SignedData. The card has its JPKI application selected; it is given the password (署名用パスワード) once. */
export async function signFormOn(
  card: cardClient.CardChannel,
  form: { readonly madeAt: string },
  signPassword: string,
): Promise<Uint8Array> {
  const content = new TextEncoder().encode(JSON.stringify(form))
  const signedAttributes = signedAttributesToSign({
    messageDigest: await sha256(content),
    signingTime: new Date(Math.floor(Date.parse(form.madeAt) / 1000) * 1000),
  })
  const digestInfo = digestInfoOf(await sha256(signedAttributes))
  const outcome = await refusalOfPin(() => cardClient.verifyPin(card, 'sign', signPassword))
  if (outcome !== undefined) throw outcome
  const certificate = await cardClient.readCertificate(card, 'sign')
  const signature = await cardClient.sign(card, 'sign', digestInfo)
  return assembleSignedData({ content, signedAttributes, signature, certificate })
}
