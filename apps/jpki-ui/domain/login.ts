/** Login over the net: the SIM signs the site's nonce under the site's own origin. docs/protocols/login.md. */
import { cardClient, digestInfoOf, loginToSign } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { answerLogin, getLogin } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service/call'
import { type Device, withJpki } from './device.ts'
import { refusalOfPin } from './pin.ts'

export interface Asked {
  readonly origin: string
  readonly name: string
  readonly nonce: Uint8Array
}

/** Who asks. A site that speaks for another origin than the one it was reached at is refused before any PIN is asked. */
export async function asked(device: Device, site: string, loginId: string): Promise<Asked> {
  const { origin, name, nonce } = await call(device.site(site), getLogin, { loginId })
  if (origin !== site) throw new Refusal('login.origin-mismatch', `${site} asks for a login at ${origin}.`)
  return { origin, name, nonce }
}

export async function answer(device: Device, { origin, nonce }: Asked, loginId: string, pin: string): Promise<string> {
  const statement = loginToSign({ origin, loginId, nonce })
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(statement)))
  const { certificate, signature } = await withJpki(device, 'SIM1', async (card) => {
    const refusal = await refusalOfPin(() => cardClient.verifyPin(card, 'auth', pin))
    if (refusal !== undefined) throw refusal
    return {
      certificate: await cardClient.readCertificate(card, 'auth'),
      signature: await cardClient.sign(card, 'auth', digestInfoOf(digest)),
    }
  })
  const { serialNumber } = await call(device.site(origin), answerLogin, { loginId, certificate, signature })
  return serialNumber
}
