/** Login over the net: the SIM signs the site's nonce under the site's own origin. docs/protocols/login.md. */
import { cardClient, digestInfoOf, loginToSign } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { answerLogin, getLogin } from '@mobile-jpki/relying-party/contract'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { type Device, withJpki } from './phone/device.ts'
import { note } from './phone/history.ts'
import { refusalOfPin } from './pin/outcome.ts'

/** Who asks for what. `numbers` are to choose from: one of them stands on the page of the site. */
export type Asked = ReplyOf<typeof getLogin>

/** Who asks. A site that speaks for another origin than the one it was reached at is refused before any PIN is asked. */
export async function asked(device: Device, site: string, loginId: string): Promise<Asked> {
  const question = await call(device.site(site), getLogin, { loginId })
  const { origin } = question
  if (origin !== site) throw new Refusal('login.origin-mismatch', `${site} asks for a login at ${origin}.`)
  return question
}

/** What the person decided: the number that they chose, and their PIN. */
export interface Decision {
  readonly number: string
  readonly pin: string
}

/** Signed and sent; how it went stands in the history of this phone. */
export async function answer(
  device: Device,
  question: Asked,
  loginId: string,
  decision: Decision,
  now: () => Date = () => new Date(),
): Promise<string> {
  const { origin, name, requester, purpose } = question
  const entry = {
    deed: purpose === 'confirm' ? 'confirmed' : 'loggedIn',
    origin,
    name,
    ...(requester !== undefined && { requester }),
  } as const
  try {
    const serialNumber = await signed(device, question, loginId, decision)
    await note(device, entry, now())
    return serialNumber
  } catch (error) {
    if (error instanceof Refusal) await note(device, { ...entry, refused: error.code }, now())
    throw error
  }
}

async function signed(
  device: Device,
  { origin, nonce, purpose, requester, text }: Asked,
  loginId: string,
  { number, pin }: Decision,
): Promise<string> {
  const statement = loginToSign({ origin, loginId, nonce, purpose, requester, text, number })
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(statement)))
  const { certificate, signature } = await withJpki(device, 'SIM1', async (card) => {
    const refusal = await refusalOfPin(() => cardClient.verifyPin(card, 'auth', pin))
    if (refusal !== undefined) throw refusal
    return {
      certificate: await cardClient.readCertificate(card, 'auth'),
      signature: await cardClient.sign(card, 'auth', digestInfoOf(digest)),
    }
  })
  const { serialNumber } = await call(device.site(origin), answerLogin, { loginId, number, certificate, signature })
  return serialNumber
}
