/** Key pairs as objects of a token: how they are made so that they cannot leave, found by name, and known. PKCS#11 v2.40 §4.9, §2.1, §2.3. */
import { randomBytes } from 'node:crypto'
import { algorithms, p256PublicKeyInfo, rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { Handle, Template } from 'pkcs11js'
import { type EvidenceAttribute, evidenceAttributes, type SignerKind } from '../signing-keys.ts'
import type { Module } from './module.ts'

const p256 = Buffer.from(algorithms.ecPublicKeyP256.parameters)
const modulusBits = { 'rsa-2048': 2048, 'rsa-3072': 3072 } as const

function objectsBy({ functions }: Module, session: Handle, template: Template): readonly Handle[] {
  functions.C_FindObjectsInit(session, template)
  try {
    return functions.C_FindObjects(session, 16)
  } finally {
    functions.C_FindObjectsFinal(session)
  }
}

const named = ({ names }: Module, label: string, object: number): Template => [
  { type: names.CKA_CLASS, value: object },
  { type: names.CKA_LABEL, value: label },
]

export const privateKeysBy = (module: Module, session: Handle, label: string): readonly Handle[] =>
  objectsBy(module, session, named(module, label, module.names.CKO_PRIVATE_KEY))

/** All that bears the name, its public half too. */
export function destroyBy(module: Module, session: Handle, label: string): void {
  const { CKO_PRIVATE_KEY, CKO_PUBLIC_KEY } = module.names
  for (const object of [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY])
    for (const handle of objectsBy(module, session, named(module, label, object)))
      module.functions.C_DestroyObject(session, handle)
}

export interface PairOfKeys {
  readonly publicKey: Handle
  readonly privateKey: Handle
}

/** Made in the token, to stay in it; afterwards both halves bear the key identifier as CKA_ID, as a certificate names the key. */
export async function generatePair(
  module: Module,
  session: Handle,
  label: string,
  kind: SignerKind,
): Promise<PairOfKeys> {
  const { functions, names } = module
  const both = [
    { type: names.CKA_TOKEN, value: true },
    { type: names.CKA_LABEL, value: label },
    // Tells the halves of this pair from what bears the same name, until the key identifier is known.
    { type: names.CKA_ID, value: randomBytes(16) },
  ]
  const pair = await functions.C_GenerateKeyPairAsync(
    session,
    { mechanism: kind === 'p-256' ? names.CKM_EC_KEY_PAIR_GEN : names.CKM_RSA_PKCS_KEY_PAIR_GEN },
    [...both, { type: names.CKA_VERIFY, value: true }, ...sizeOf(module, kind)],
    [
      ...both,
      { type: names.CKA_PRIVATE, value: true },
      { type: names.CKA_SENSITIVE, value: true },
      { type: names.CKA_EXTRACTABLE, value: false },
      { type: names.CKA_SIGN, value: true },
      { type: names.CKA_DECRYPT, value: false },
      { type: names.CKA_UNWRAP, value: false },
      { type: names.CKA_DERIVE, value: false },
    ],
  )
  const id = Buffer.from(keyIdentifier(publicKeyOf(module, session, label, pair.privateKey)))
  for (const handle of [pair.publicKey, pair.privateKey])
    functions.C_SetAttributeValue(session, handle, [{ type: names.CKA_ID, value: id }])
  return pair
}

const sizeOf = ({ names }: Module, kind: SignerKind): Template =>
  kind === 'p-256'
    ? [{ type: names.CKA_EC_PARAMS, value: p256 }]
    : [
        { type: names.CKA_MODULUS_BITS, value: modulusBits[kind] },
        { type: names.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
      ]

export function destroyPair({ functions }: Module, session: Handle, { privateKey, publicKey }: PairOfKeys): void {
  functions.C_DestroyObject(session, privateKey)
  functions.C_DestroyObject(session, publicKey)
}

function attributeOf({ functions }: Module, session: Handle, object: Handle, type: number): Buffer {
  const [attribute] = functions.C_GetAttributeValue(session, object, [{ type }])
  return attribute?.value ?? Buffer.alloc(0)
}

export const idOf = (module: Module, session: Handle, privateKey: Handle): string =>
  attributeOf(module, session, privateKey, module.names.CKA_ID).toString('hex')

export const attributesOf = (
  module: Module,
  session: Handle,
  privateKey: Handle,
): Readonly<Record<EvidenceAttribute, boolean>> =>
  Object.fromEntries(
    evidenceAttributes.map((name) => [name, attributeOf(module, session, privateKey, module.names[name])[0] === 1]),
  ) as Record<EvidenceAttribute, boolean>

/** Undefined of a key that does not sign here: another curve, another length. */
export function kindOf(module: Module, session: Handle, privateKey: Handle): SignerKind | undefined {
  const { names } = module
  const type = attributeOf(module, session, privateKey, names.CKA_KEY_TYPE).readUInt32LE()
  if (type === names.CKK_EC)
    return attributeOf(module, session, privateKey, names.CKA_EC_PARAMS).equals(p256) ? 'p-256' : undefined
  if (type !== names.CKK_RSA) return undefined
  const bits = attributeOf(module, session, privateKey, names.CKA_MODULUS).length * 8
  return bits === 2048 ? 'rsa-2048' : bits === 3072 ? 'rsa-3072' : undefined
}

/** SubjectPublicKeyInfo. An RSA private key holds its public one; that of a point is the object beside it, of the same name and CKA_ID. */
export function publicKeyOf(module: Module, session: Handle, label: string, privateKey: Handle): Uint8Array {
  const { names } = module
  const value = (object: Handle, type: number) => new Uint8Array(attributeOf(module, session, object, type))
  if (attributeOf(module, session, privateKey, names.CKA_KEY_TYPE).readUInt32LE() === names.CKK_RSA)
    return rsaPublicKeyInfo({
      modulus: value(privateKey, names.CKA_MODULUS),
      publicExponent: value(privateKey, names.CKA_PUBLIC_EXPONENT),
    })
  const ofTheName = named(module, label, names.CKO_PUBLIC_KEY)
  const id = { type: names.CKA_ID, value: attributeOf(module, session, privateKey, names.CKA_ID) }
  const ofTheId = objectsBy(module, session, [...ofTheName, id])
  // A power cut between the halves leaves them with two identifiers.
  const [beside, other] = ofTheId.length > 0 ? ofTheId : objectsBy(module, session, ofTheName)
  if (beside === undefined || other !== undefined)
    throw new Refusal('key.not-found', `The token holds the private key ${label} and not its one public key.`)
  const point = value(beside, names.CKA_EC_POINT)
  // The standard asks for a DER octet string, 04 41 before the point (§2.3.3); some tokens give the point itself.
  return p256PublicKeyInfo(point.length === 67 ? point.subarray(2) : point)
}
