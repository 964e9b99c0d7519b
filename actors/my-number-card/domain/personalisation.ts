/** What the municipal counter does to a card: new PINs, keys made in the card, their certificates; a blocked PIN set anew. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { type CertificateUse, certificateUses, pinOctets, pinRules } from '@mobile-jpki/jpki'
import type { Nvm } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import type { CardOrder, CardWorld, CertificatePair, PublicKeys } from '../contract.ts'
import { cell } from './memory.ts'
import { setPin } from './pin.ts'

const generate = promisify(generateKeyPair)

export const isPersonalised = (nvm: Nvm): boolean => nvm.get(cell.serialNumber) !== undefined

/** Writes number and PINs, and makes a key for each use that has a PIN. The keys work once their certificates are in. */
export async function personalise(nvm: Nvm, { serialNumber, pins }: CardOrder, world: CardWorld): Promise<PublicKeys> {
  if (isPersonalised(nvm)) throw new Refusal('conditions.not-satisfied', 'The card is personalised already.')
  if (!/^[\x21-\x7e]{1,16}$/.test(serialNumber))
    throw new Refusal('request.malformed', 'The serial number has 1 to 16 printable characters.')
  const octets = certificateUses.flatMap((use) => {
    const text = pins[use]
    return text === undefined ? [] : [{ use, pin: issuable(use, text) }]
  })
  const keys = await Promise.all(octets.map(async (one) => ({ ...one, ...(await newPair()) })))
  for (const { use, pin, privateKey } of keys) {
    nvm.set(cell.newPrivateKey(use), privateKey)
    setPin(nvm, use, pin, world.random)
  }
  nvm.set(cell.serialNumber, new TextEncoder().encode(serialNumber))
  nvm.commit()
  return Object.fromEntries(keys.map(({ use, publicKey }) => [use, publicKey]))
}

/** A new key for a new certificate; the present one keeps working until then. */
export async function renewKey(nvm: Nvm, use: CertificateUse): Promise<Uint8Array> {
  if (nvm.get(cell.pin(use)) === undefined)
    throw new Refusal('conditions.not-satisfied', `The card has no PIN for its ${use} key.`)
  const { publicKey, privateKey } = await newPair()
  // At once, since a card that is in use meanwhile takes back what is not lasting.
  nvm.set(cell.newPrivateKey(use), privateKey)
  nvm.commitNow(cell.newPrivateKey(use))
  return publicKey
}

/** Of each use the newest key, whether its certificate is in the card or not. */
export const publicKeysOf = (nvm: Nvm): PublicKeys =>
  Object.fromEntries(
    certificateUses.flatMap((use) => {
      const pkcs8 = nvm.get(cell.newPrivateKey(use)) ?? nvm.get(cell.privateKey(use))
      return pkcs8 === undefined
        ? []
        : [[use, new Uint8Array(publicKeyOf(pkcs8).export({ format: 'der', type: 'spki' }))]]
    }),
  )

const publicKeyOf = (pkcs8: Uint8Array): KeyObject =>
  createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }))

/** In the pool of libuv: a key of 2048 bits may take a tenth of a second and more. */
async function newPair() {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048, publicExponent: 0x10001 })
  return {
    publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    privateKey: new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })),
  }
}

/** From here on the key that the certificate speaks of is the one that signs. */
export function putCertificates(nvm: Nvm, use: CertificateUse, { certificate, caCertificate }: CertificatePair): void {
  const key = [cell.newPrivateKey(use), cell.privateKey(use)]
    .flatMap((name) => nvm.get(name) ?? [])
    .find((pkcs8) => isFor(certificate, pkcs8))
  if (key === undefined)
    throw new Refusal('possession.invalid', 'The certificate is not for a key of this card.', { whose: 'municipality' })
  nvm.set(cell.privateKey(use), key)
  nvm.set(cell.newPrivateKey(use))
  nvm.set(cell.certificate(use), certificate)
  nvm.set(cell.caCertificate(use), caCertificate)
  nvm.commit()
}

/** 暗証番号の再設定: a new value and all its tries. */
export function resetPin(nvm: Nvm, use: CertificateUse, pin: string, world: CardWorld): void {
  if (nvm.get(cell.pin(use)) === undefined)
    throw new Refusal('conditions.not-satisfied', `The card has no PIN for its ${use} key.`)
  setPin(nvm, use, issuable(use, pin), world.random)
  nvm.commit()
}

const isFor = (certificate: Uint8Array, pkcs8: Uint8Array): boolean =>
  new X509Certificate(certificate).publicKey.equals(publicKeyOf(pkcs8))

function issuable(use: CertificateUse, text: string): Uint8Array {
  const octets = pinOctets(use, text)
  if (octets === undefined || !pinRules[use].issuable.test(text.toUpperCase()))
    throw new Refusal(
      'pin.malformed',
      use === 'auth'
        ? 'The PIN has four digits.'
        : 'The password has 6 to 16 letters and digits, with at least one of each.',
    )
  return octets
}
