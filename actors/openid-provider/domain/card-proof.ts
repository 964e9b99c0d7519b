/**
 * A login by TLS client certificate happens on another port than the interaction. What came of it is led back by a code that lives a minute and
 * is used once, by the browser that has the interaction's cookie: nobody can log another's browser in, nor be logged in by another's card.
 */

import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type BadCertificate, type GoodHolder, refusalOfLogin } from '@mobile-jpki/relying-party'
import type { World } from './world.ts'

const kind = 'CardProof'
const lifetime = 60_000

type Proof =
  | { readonly uid: string; readonly good: GoodHolder }
  | { readonly uid: string; readonly code: RefusalCode; readonly detail: string }

/** Answers the code. `certificate` is what TLS proved the key of; undefined if none was shown. */
export async function prove(world: World, uid: string, certificate: Uint8Array | undefined): Promise<string> {
  const judged = certificate === undefined ? new Refusal('card.absent') : await world.site.judge(certificate)
  const code = world.random(32).toBase64({ alphabet: 'base64url', omitPadding: true })
  const expires = new Date(world.now().getTime() + lifetime)
  await world.artifacts.save(kind, code, { content: { ...proofOf(uid, judged) }, expires })
  return code
}

function proofOf(uid: string, judged: Refusal | GoodHolder | BadCertificate): Proof {
  if (!(judged instanceof Refusal) && judged.state === 'good') return { uid, good: judged }
  const { code, message: detail } = judged instanceof Refusal ? judged : refusalOfLogin(judged)
  return { uid, code, detail }
}

/** What the code stands for; a Refusal when there was no good certificate, or no such code. */
export async function proven({ artifacts, now }: World, uid: string, code: string): Promise<GoodHolder> {
  const found = await artifacts.find(kind, code)
  const proof = found?.content as Proof | undefined
  if (found === undefined || proof?.uid !== uid)
    throw new Refusal('reference.not-found', 'There is no such login by card in this browser.')
  if (found.expires <= now()) throw new Refusal('login.expired')
  if (!(await artifacts.consume(kind, code, now())))
    throw new Refusal('request.replayed', 'This login by card was used already.')
  if ('code' in proof) throw new Refusal(proof.code, proof.detail)
  return proof.good
}
