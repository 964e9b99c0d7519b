/**
 * The two certification authorities: RFC 5280 §4, profile in standards/jpki. A CA gets a new key every four years, each good for
 * ten; all generations share one name and are told apart by their key identifier.
 */
import { authorityName, contentsOf, dayInJapan, endOfDay, profiles } from '@mobile-jpki/jpki'
import { type ParsedCertificate, parseCertificate } from '@mobile-jpki/pkix'
import { keyIdentifier, type Signer } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { AuthorityName, Generation, World } from '../domain/world.ts'
import { type CertificateSigner, certify, specimenFor } from './certify.ts'
import { type CaKeys, type CaTerms, signerKindOf } from './keys.ts'

/** A CA at work. */
export interface Authority extends Generation, CertificateSigner {
  readonly opened: ParsedCertificate
  readonly keyIdentifier: Uint8Array
}

export interface Authorities {
  /** The youngest generation first. */
  readonly all: readonly Authority[]
  /** The generation that issues. */
  current(name: AuthorityName): Authority
  find(name: AuthorityName, generation: number): Authority
  /**
   * Takes in the generations that a ceremony or another process made since, and makes the one that is due. A look at a table with a
   * handful of rows, when there is none.
   */
  refresh(): Promise<void>
}

export const authorityNames = ['sign', 'auth'] as const
const yearsUntilNextKey = 4
const yearsOfValidity = 10

export const generationName = ({ name, generation }: Key): string => `${name}-${generation}`
/** The name of its key, in the keyring or token. */
export const keyName = (one: Key): string => `ca-${generationName(one)}`

/** Opens the CAs that the register knows. Where a start may make keys, the first one and the first after four years make a generation. */
export async function openAuthorities(
  world: Pick<World, 'register' | 'now' | 'random'>,
  keys: CaKeys,
  terms: CaTerms,
): Promise<Authorities> {
  let all: readonly Authority[] = []
  const look = async (): Promise<void> => {
    const known = await makeDue(world, keys, terms)
    if (known.length === all.length) return
    all = (await Promise.all(known.map(async (one) => all.find(isSame(one)) ?? opened(one, keys)))).sort(byAge)
  }
  let looking: Promise<void> | undefined
  const one = (matches: (authority: Authority) => boolean): Authority => {
    const found = all.find(matches)
    if (found === undefined) throw new Error('no such generation of a CA')
    return found
  }
  await look()
  return {
    get all() {
      return all
    },
    current: (name) => {
      const at = world.now()
      return one((authority) => authority.name === name && (authority.issuesFrom ?? at) <= at)
    },
    find: (name, generation) => one(isSame({ name, generation })),
    refresh: () => {
      looking ??= look().finally(() => {
        looking = undefined
      })
      return looking
    },
  }
}

/** Answers all generations, those included that this made. */
async function makeDue(
  { register, now, random }: Pick<World, 'register' | 'now' | 'random'>,
  keys: CaKeys,
  { kind, made }: CaTerms,
): Promise<readonly Generation[]> {
  const at = now()
  const known = await register.generations.all()
  let makes = false
  for (const name of authorityNames) {
    const youngest = known.filter((one) => one.name === name).sort(byAge)[0]
    if (youngest !== undefined && yearsAfter(parseCertificate(youngest.certificate).notBefore, yearsUntilNextKey) > at)
      continue
    if (made === 'by-ceremony') {
      if (youngest !== undefined) continue
      throw new Refusal('key.not-found', `There is no CA for ${name} certificates yet; a ceremony makes it.`)
    }
    const next = { name, generation: (youngest?.generation ?? 0) + 1 }
    const certificate = await certifyAuthority(name, await keys.signer(keyName(next), kind), at, random)
    await register.atomically(async (held) => {
      if ((await held.generations.all()).some(isSame(next))) return
      await held.generations.add({ ...next, certificate })
      held.journal.record({ by: { actor: 'jpki-system' }, act: 'generation.made', subject: generationName(next) })
    })
    makes = true
  }
  // The one that another process added first has won.
  return makes ? register.generations.all() : known
}

type Key = Pick<Generation, 'name' | 'generation'>
const isSame = (one: Key) => (other: Key) => one.name === other.name && one.generation === other.generation
const byAge = (one: Generation, other: Generation): number => other.generation - one.generation

async function opened(one: Generation, keys: CaKeys): Promise<Authority> {
  const certificate = parseCertificate(one.certificate)
  const signer = await keys.find(keyName(one), signerKindOf(certificate.publicKey))
  if (signer === undefined) throw new Refusal('key.not-found', `The key ${keyName(one)} of a CA is not there.`)
  if (signer.publicKey.toHex() !== certificate.publicKey.toHex())
    throw new Error(`the key ${keyName(one)} of the keyring is not that of the CA certificate in the register`)
  const specimen = await specimenFor(signer)
  return { ...one, opened: certificate, keyIdentifier: keyIdentifier(certificate.publicKey), signer, specimen }
}

/** A CA's certificate for a key of its own. */
export async function certifyAuthority(
  name: AuthorityName,
  signer: Signer,
  at: Date,
  random: World['random'],
  years = yearsOfValidity,
): Promise<Uint8Array> {
  const profile = profiles.authority[name]
  const fields = {
    serialNumber: serialNumberFrom(random),
    issuer: authorityName(name),
    notBefore: at,
    notAfter: endOfDay(dayInJapan(new Date(yearsAfter(at, years).getTime() - 86_400_000))),
    publicKey: signer.publicKey,
    ...contentsOf(profile, { subjectKeyIdentifier: keyIdentifier(signer.publicKey) }),
  }
  return certify(fields, profile, { signer, specimen: await specimenFor(signer) }, 'itself')
}

function yearsAfter(at: Date, years: number): Date {
  const later = new Date(at)
  later.setUTCFullYear(at.getUTCFullYear() + years)
  return later
}

/**
 * 62 random bits under a leading `01`: always eight octets and positive, without a counter that processes would share and that would
 * tell outsiders how much is issued. JPKI's own are small; nothing in a card or client depends on that. The register refuses one twice.
 */
export function serialNumberFrom(random: World['random']): string {
  const octets = random(8)
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return octets.toHex()
}

/** Where the public finds what a generation publishes: the list of all, the list of a municipality, OCSP, its certificate. */
export const locationsOf = (base: string, authority: Pick<Generation, 'name' | 'generation'>) => ({
  crl: `${base}/crl/${generationName(authority)}.crl`,
  partition: (municipalityCode: string) => `${base}/crl/${generationName(authority)}/${municipalityCode}.crl`,
  ocsp: `${base}/ocsp`,
  caIssuers: `${base}/ca/${generationName(authority)}.cer`,
})
