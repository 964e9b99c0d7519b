/** What each data grouping of personalization does. docs/protocols/personalization.md; formats in standards/jpki. */
import {
  AppletConfiguration,
  type AttestedPurpose,
  attestationStatement,
  CasdAttestation,
  type DgiName,
  IssuerContent,
  isPin,
  possessionToSign,
  RsaCrt,
  VouchedAnswer,
  VouchedRequest,
  vouchedStatement,
} from '@mobile-jpki/jpki'
import { concat, sameOctets } from '@mobile-jpki/tlv'
import { openEnvelope } from './envelope.ts'
import { after, enter, inUse, stateOf } from './life-cycle.ts'
import { type Context, clear, erase, type Item } from './memory.ts'
import { maximumTries } from './pin.ts'
import { belongsTo, digestInfo, keyOf, modulusOf, publicExponent, sign } from './signature.ts'
import { refuse } from './status.ts'
import { textOf } from './text.ts'

/** Applies one data grouping, and answers where it has an answer. */
export function apply(context: Context, name: DgiName, content: Uint8Array): Uint8Array | undefined {
  const next = after(name, stateOf(context))
  const answer = groupings[name](context, content)
  enter(context, next)
  return answer
}

const groupings: Readonly<Record<DgiName, (context: Context, content: Uint8Array) => Uint8Array | undefined>> = {
  configuration,
  envelopeKey,
  onCardKey,
  issuerEnvelope,
  pinEnvelope: installPin,
  finish,
  unlock,
  wipe,
}

/** A bar on contactless use needs what this card does not offer: asking for it is refused. PIN-less use begins switched off. */
function configuration(context: Context, content: Uint8Array): undefined {
  const { certificateNeedsPin, pinLessAllowed, contactlessAllowed, terminalTrust } = AppletConfiguration.decode(content)
  const isAllowed = terminalTrust !== undefined
  if ((certificateNeedsPin[0] ?? 0) > 1 || pinLessAllowed[0] !== Number(isAllowed)) refuse('wrongData')
  if (contactlessAllowed[0] !== 1) refuse('functionNotSupported')
  context.card.nvm.set('configuration', content)
  if (!isAllowed) erase(context, 'pinLess')
}

/** A new envelope key makes older envelopes useless, and with them what an unfinished delivery has installed. */
function envelopeKey(context: Context, content: Uint8Array): Uint8Array {
  const { nvm, p256 } = context.card
  const { order, vouchingKey } = asked(context, content)
  if (!inUse(stateOf(context))) {
    erase(context, 'certificate', 'caCertificate', 'pin', 'tries')
    if (!isOrder(context, 'onCardOrder', order)) erase(context, 'privateKey', 'onCardOrder')
  }
  const { privateKey, publicPoint } = p256.generate()
  nvm.set('envelopeKey', concat(privateKey, publicPoint))
  nvm.set('order', order)
  return attest(context, 'envelopeKey', publicPoint, order, vouchingKey)
}

/** Asked again for the same order, it attests the same pair: an answer may be lost on its way. Without a CASD nobody could believe it. */
function onCardKey(context: Context, content: Uint8Array): Uint8Array {
  if (context.card.casd === undefined) refuse('conditionsOfUseNotSatisfied')
  if (!isOrder(context, 'order', content)) refuse('wrongData')
  const { nvm, rsa } = context.card
  if (nvm.get('onCardOrder') === undefined) {
    nvm.set('privateKey', RsaCrt.encode(keyOf(rsa.generate().key)))
    nvm.set('onCardOrder', content)
  }
  const key = RsaCrt.decode(nvm.get('privateKey') ?? refuse('referencedDataNotFound'))
  const publicKey = [modulusOf(key), publicExponent].flatMap((part) => [
    Uint8Array.of(part.length >> 8, part.length & 0xff),
    part,
  ])
  return attest(context, 'userAuthenticationKey', concat(...publicKey), content)
}

function issuerEnvelope(context: Context, envelope: Uint8Array): undefined {
  const { nvm } = context.card
  const { privateKey, certificate, caCertificate } = IssuerContent.decode(openEnvelope(context, 'issuer', envelope))
  if (privateKey !== undefined) {
    nvm.set('privateKey', RsaCrt.encode(privateKey))
    erase(context, 'onCardOrder')
  }
  const key = nvm.get('privateKey') ?? refuse('wrongData')
  if (!belongsTo(context, RsaCrt.decode(key), certificate)) refuse('wrongData')
  nvm.set('certificate', certificate)
  nvm.set('caCertificate', caCertificate)
}

function installPin(context: Context, envelope: Uint8Array): undefined {
  const pin = openEnvelope(context, 'pin', envelope)
  if (!isPin(textOf(pin))) refuse('wrongData')
  context.card.nvm.set('pin', pin)
  context.card.nvm.set('tries', Uint8Array.of(maximumTries))
}

/** Proof of possession. The envelope key ends here. */
function finish(context: Context, content: Uint8Array): Uint8Array {
  const { nvm, sha256 } = context.card
  const item = inUse(stateOf(context)) ? 'delivered' : 'order'
  if (!isOrder(context, item, content)) refuse('wrongData')
  const certificate = nvm.get('certificate')
  if (certificate === undefined || nvm.get('pin') === undefined) refuse('conditionsOfUseNotSatisfied')
  if (item === 'order') {
    nvm.set('delivered', content)
    erase(context, 'envelopeKey', 'order', 'onCardOrder')
  }
  return sign(context, digestInfo(sha256(possessionToSign(orderId(content), sha256(certificate)))))
}

function unlock(context: Context, envelope: Uint8Array): undefined {
  installPin(context, envelope)
  erase(context, 'envelopeKey', 'order')
  clear(context.session)
}

function wipe(context: Context, content: Uint8Array): Uint8Array {
  const { order, vouchingKey } = asked(context, content)
  for (const key of context.card.nvm.keys()) erase(context, key as Item)
  clear(context.session)
  return attest(context, 'deletion', new Uint8Array(), order, vouchingKey)
}

/** In a SIM without CASD a key for the answer comes along with the order's id; it is used here and kept nowhere. */
function asked({ card }: Context, content: Uint8Array): { order: Uint8Array; vouchingKey?: Uint8Array } {
  const { orderId: order, ...vouched } = card.casd === undefined ? VouchedRequest.decode(content) : { orderId: content }
  orderId(order)
  return { order, ...vouched }
}

function attest(
  { card }: Context,
  purpose: AttestedPurpose,
  publicKey: Uint8Array,
  order: Uint8Array,
  vouchingKey?: Uint8Array,
): Uint8Array {
  const statement = attestationStatement(purpose, publicKey, { iccid: card.iccid, orderId: orderId(order) })
  if (vouchingKey !== undefined)
    return VouchedAnswer.encode({ publicKey, mac: card.hmacSha256(vouchingKey, vouchedStatement(card.aid, statement)) })
  const casd = card.casd ?? refuse('conditionsOfUseNotSatisfied')
  return CasdAttestation.encode({ publicKey, signature: casd.sign(statement), certificate: casd.certificate() })
}

/** The id of an order is 1 to 64 visible characters of ASCII. */
function orderId(content: Uint8Array): string {
  const order = textOf(content)
  return /^[!-~]{1,64}$/.test(order) ? order : refuse('wrongData')
}

function isOrder({ card }: Context, item: 'order' | 'onCardOrder' | 'delivered', content: Uint8Array): boolean {
  const expected = card.nvm.get(item)
  return expected !== undefined && sameOctets(expected, content)
}
