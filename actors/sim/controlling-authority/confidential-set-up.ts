/**
 * Confidential set-up of a security domain's keys: who carries the commands never learns them. GPCS Amendment A §4,
 * scenarios 2.A (push) and 2.B (pull).
 */
import {
  certifiedPoint,
  type KeySetUp,
  keyTypes,
  onP256,
  openKeys,
  PullAnswer,
  PushAnswer,
  pullToSign,
  requestToSign,
  type SetUpBinding,
  SetUpRequest,
  sealKeys,
  setUpKeys,
  setUpReceipt,
} from '@mobile-jpki/globalplatform'
import type { Application } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import type { CardContext } from '../domain/state.ts'
import { p256Agree, p256Pair, p256Verify } from '../program/p256.ts'
import { ChipRefusal } from '../program/refusal.ts'
import { keySetsOf, opensChannel, putKeySet, removeKeySet, toPersonalized } from '../security-domain/keys.ts'
import { agreementKey, authorityOf, signForCard, subjectOf } from './service.ts'

/** Answers as the scenario says; the keys are then the only secure channel keys of the security domain. */
export function setUpConfidentially(
  card: CardContext,
  target: Application,
  certificate: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  const authority = authorityOf(card)
  if (authority === undefined) throw new CardRefusal('set-up.none')
  const owner = certifiedPoint(certificate, 'verification', authority, verifies)
  if (owner === undefined) throw new CardRefusal('set-up.certificate')
  const binding = { securityDomain: target.aid, card: subjectOf(card) }
  const request = SetUpRequest.decode(message)
  const { signature, ...signed } = request
  if (!verifies(owner, requestToSign(signed, binding), signature)) throw new CardRefusal('set-up.signature')
  checkKeys(request.setUp)
  const { keys, answer } =
    request.setUp.scenario === 'push' ? push(card, request, binding) : pull(card, request, binding)
  keepKeys(card, target, request.setUp, keys)
  return answer
}

interface SetUp {
  readonly keys: readonly Uint8Array[]
  readonly answer: Uint8Array
}

function push(card: CardContext, { setUp, oneTimeKey, sealed }: SetUpRequest, binding: SetUpBinding): SetUp {
  const { privateKey, point } = agreementKey(card)
  const shared = agreed(privateKey, oneTimeKey.point)
  const derived = setUpKeys(shared, setUp, binding, { sender: oneTimeKey.point, receiver: point })
  const keys = sealed && openKeys(derived, sealed)
  if (keys === undefined || keys[0]?.length !== setUp.keyLength) throw new CardRefusal('set-up.sealed')
  return { keys, answer: PushAnswer.encode({ receipt: setUpReceipt(derived, keys) }) }
}

function pull(card: CardContext, request: SetUpRequest, binding: SetUpBinding): SetUp {
  const { setUp, oneTimeKey } = request
  const keys = [1, 2, 3].map(() => card.random(setUp.keyLength))
  const { privateKey, publicPoint } = p256Pair(card.random)
  const shared = agreed(privateKey, oneTimeKey.point)
  const derived = setUpKeys(shared, setUp, binding, { sender: publicPoint, receiver: oneTimeKey.point })
  const sealed = sealKeys(derived, keys)
  const signature = signForCard(card, pullToSign(request, publicPoint, sealed, binding))
  return { keys, answer: PullAnswer.encode({ oneTimeKey: onP256(publicPoint), sealed, signature }) }
}

/** AES for SCP03, two-key DES for SCP02. */
function checkKeys({ keyType, keyLength, keyVersion }: KeySetUp): void {
  if (keyVersion < 0x01 || keyVersion > 0x7f) throw new CardRefusal('key.version')
  const lengths = keyType === keyTypes.AES ? [16, 24, 32] : keyType === keyTypes.DES ? [16] : []
  if (!lengths.includes(keyLength)) throw new CardRefusal('key.type')
}

/** Whoever had put secure channel keys there before is shut out. */
function keepKeys(card: CardContext, target: Application, setUp: KeySetUp, keys: readonly Uint8Array[]): void {
  for (const set of keySetsOf(card.nvm, target.aid))
    if (opensChannel(set) || set.version === setUp.keyVersion) removeKeySet(card.nvm, target.aid, set.version)
  const components = (value: Uint8Array) => [{ type: setUp.keyType, value }]
  putKeySet(
    card.nvm,
    target.aid,
    setUp.keyVersion,
    keys.map((value, at) => ({ id: at + 1, components: components(value) })),
  )
  toPersonalized(card, target)
}

/** A point that is none verifies and agrees with nothing. */
function verifies(point: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return onCurve(() => p256Verify(point, data, signature)) ?? false
}
function agreed(privateKey: Uint8Array, point: Uint8Array): Uint8Array {
  const shared = onCurve(() => p256Agree(privateKey, point))
  if (shared === undefined) throw new CardRefusal('set-up.sealed')
  return shared
}
function onCurve<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    const isPoint = error instanceof ChipRefusal || (error instanceof Error && 'code' in error)
    if (!isPoint) throw error
    return undefined
  }
}
