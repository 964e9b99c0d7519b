/** Certificates from PKCS #10 requests (RFC 2986): whoever asks proves by the request itself to hold the private key. */
import { DerError } from '@mobile-jpki/der'
import { parseCertificate } from '@mobile-jpki/pkix'
import { CertificationRequestError, verifyCertificationRequest } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import type { FourItems } from '../contract.ts'
import { type CardCertificates, enrol } from '../domain/enrolment.ts'
import { newestOf, statedBy, theirs } from '../domain/linkage.ts'
import type { Settle } from '../domain/settle.ts'
import type { Caller, Person, Register, World } from '../domain/world.ts'
import type { enrolByRequests, issueCertificates } from './contract.ts'

export async function enrolFrom(
  world: World,
  { signRequest, authRequest, ...person }: RequestOf<typeof enrolByRequests>,
  by: Caller,
  settle: Settle<CardCertificates>,
): Promise<CardCertificates> {
  const authPublicKey = await keyIn('authRequest', authRequest)
  const signPublicKey = signRequest && (await keyIn('signRequest', signRequest))
  return enrol(world, { ...person, authPublicKey, ...(signPublicKey && { signPublicKey }) }, by, settle)
}

/** For a person who is enrolled: a sign certificate beside the present auth one, or new ones for a card that is renewed. */
export async function issueFrom(
  world: World,
  { card, signRequest, authRequest, fourItems }: RequestOf<typeof issueCertificates>,
  by: Caller,
  settle: Settle<CardCertificates>,
): Promise<CardCertificates> {
  if (signRequest === undefined && authRequest === undefined)
    throw new Refusal('request.malformed', 'signRequest: neither it nor authRequest is there')
  const signPublicKey = signRequest && (await keyIn('signRequest', signRequest))
  const newAuthKey = authRequest && (await keyIn('authRequest', authRequest))
  const { certificate, personId } = await theirs(world.register, 'auth', card)
  const person = await world.register.persons.find(personId)
  if (certificate.kind !== 'auth' || person === undefined)
    throw new Refusal('reference.not-found', 'No card has an auth certificate by that serial number.')
  return enrol(
    world,
    {
      fourItems: fourItems ?? (await lastStated(world.register, person)),
      municipality: person.municipality,
      cardExpires: person.cardExpires,
      authPublicKey: newAuthKey ?? parseCertificate(certificate.der).publicKey,
      ...(newAuthKey !== undefined && { renews: card }),
      ...(signPublicKey && { signPublicKey }),
    },
    by,
    settle,
  )
}

/** The register itself holds no four items: they stand in the person's sign certificates. */
async function lastStated(register: Register, { id, itemsChangedAt }: Person): Promise<FourItems> {
  const newest = newestOf(await register.certificates.ofPerson(id), 'sign')
  if (newest === undefined)
    throw new Refusal('conditions.not-satisfied', 'No sign certificate states the four items: say them.')
  if (newest.revocation?.reason === 'affiliationChanged' || (itemsChangedAt ?? newest.notBefore) > newest.notBefore)
    throw new Refusal('conditions.not-satisfied', 'The four items changed since the last sign certificate: say them.')
  return statedBy(newest)
}

async function keyIn(name: string, request: Uint8Array): Promise<Uint8Array> {
  try {
    return (await verifyCertificationRequest(request)).publicKey
  } catch (error) {
    if (error instanceof CertificationRequestError)
      throw new Refusal('possession.invalid', `${name}: ${error.message}`, {
        cause: error,
      })
    if (error instanceof DerError)
      throw new Refusal('request.malformed', `${name}: not a certification request (${error.message})`, {
        cause: error,
      })
    throw error
  }
}
