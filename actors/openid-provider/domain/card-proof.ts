/**
 * A login by TLS client certificate happens on another port than the interaction. What came of it is led back by a code that lives a minute and
 * is used once, by the browser that has the interaction's cookie: nobody can log another's browser in, nor be logged in by another's card.
 */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Acr } from '../contract.ts'
import type { Outcome, World } from './world.ts'

const kind = 'CardProof'
const lifetime = 60_000

type Proof =
  | { readonly uid: string; readonly serialNumber: string; readonly acr: Acr }
  | { readonly uid: string; readonly code: RefusalCode; readonly detail: string }

/** Answers the code. `certificate` is what TLS proved the key of; undefined if none was shown. */
export async function prove(world: World, uid: string, certificate: Uint8Array | undefined): Promise<string> {
  const outcome: Outcome =
    certificate === undefined
      ? { state: 'refused', refusal: new Refusal('card.absent') }
      : await world.judge(certificate)
  const code = world.random(32).toBase64({ alphabet: 'base64url', omitPadding: true })
  const expires = new Date(world.now().getTime() + lifetime)
  await world.artifacts.save(kind, code, { content: { ...proofOf(uid, outcome) }, expires })
  return code
}

function proofOf(uid: string, outcome: Outcome): Proof {
  if (outcome.state === 'accepted') return { uid, serialNumber: outcome.serialNumber, acr: outcome.acr }
  if (outcome.state === 'refused') return { uid, code: outcome.refusal.code, detail: outcome.refusal.message }
  throw new Error('a certificate that is shown is judged at once')
}

export async function proven({ artifacts, now }: World, uid: string, code: string): Promise<Outcome> {
  const found = await artifacts.find(kind, code)
  const proof = found?.content as Proof | undefined
  if (found === undefined || proof?.uid !== uid)
    throw new Refusal('reference.not-found', 'There is no such login by card in this browser.')
  if (found.expires <= now()) throw new Refusal('login.expired')
  if (!(await artifacts.consume(kind, code, now())))
    throw new Refusal('request.replayed', 'This login by card was used already.')
  if ('code' in proof) return { state: 'refused', refusal: new Refusal(proof.code, proof.detail) }
  return { state: 'accepted', serialNumber: proof.serialNumber, acr: proof.acr }
}
