/** Three generations of both CAs under one name, each with a key of another kind and with people of its own, as files for verifiers. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crlPartitionNames, crlProfiles, dayInJapan, endOfDay } from '@mobile-jpki/jpki'
import { openKeyring } from '@mobile-jpki/keyring'
import type { RevokedEntry } from '@mobile-jpki/pkix'
import { issueCrl } from '@mobile-jpki/pkix/crypto'
import type { CertificateRecord } from '../../domain/world.ts'
import { openRegister, registerIn } from '../../store/index.ts'
import { newPublicKey, person } from '../../test/surroundings.ts'
import { publisher } from '../../validity/publisher.ts'
import { type Authority, locationsOf, openAuthorities } from '../authorities.ts'
import { issue } from '../issue.ts'

const base = 'http://ca.example'
const day = 86_400_000

/** The clock of a verifier is not always to be set: all is laid around the day of the test. */
export const now = new Date(Math.floor(Date.now() / 1000) * 1000)
const daysFromNow = (days: number) => new Date(now.getTime() + days * day)
const year = 366

export const kinds = ['rsa-2048', 'rsa-3072', 'p-256'] as const
/** When each generation began, and when it issued: shortly before the next one. */
const begins = [daysFromNow(-8 * year - 30), daysFromNow(-4 * year - 20), daysFromNow(-10)]
const issues = [daysFromNow(-4 * year - 21), daysFromNow(-11), daysFromNow(-9)]
export const end = endOfDay(dayInJapan(daysFromNow(year)))
export const afterTheEnd = new Date(end.getTime() + day)

export interface Hierarchy {
  readonly directory: string
  readonly authorities: readonly Authority[]
  /** One of each generation, the youngest last. */
  readonly good: readonly CertificateRecord[]
  readonly revoked: readonly CertificateRecord[]
  readonly expired: readonly CertificateRecord[]
  /** The list of a generation with the revoked one on it. */
  list(generation: number, scope: 'full' | 'partition'): Promise<Uint8Array>
  put(name: string, octets: Uint8Array | string): Promise<string>
  close(): Promise<void>
}

export async function hierarchy(): Promise<Hierarchy> {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-generations-'))
  const keyring = await openKeyring(join(directory, 'keys'))
  const store = await openRegister('sqlite::memory:')
  const register = registerIn(store)
  const random = (length: number) => new Uint8Array(randomBytes(length))
  const publicBaseUrl = () => base
  const { municipality } = person()
  const good: CertificateRecord[] = []
  const revoked: CertificateRecord[] = []
  const expired: CertificateRecord[] = []
  let all: readonly Authority[] = []
  for (const [index, kind] of kinds.entries()) {
    const at = begins[index] as Date
    const world = { register, random, now: () => at, publicBaseUrl }
    const authorities = await openAuthorities(world, keyring, { kind, made: 'at-first-start' })
    const issuing = { ...world, authorities, publisher: publisher({ ...world, authorities }) }
    const one = (notAfter: Date) =>
      issue(issuing, {
        kind: 'auth',
        state: 'valid',
        person: { id: 'hanako', birthDate: '1990-02-17', cardExpires: dayInJapan(end), municipality },
        publicKey: newPublicKey(),
        notBefore: issues[index] as Date,
        notAfter,
      })
    good.push(await one(end))
    revoked.push(await one(end))
    expired.push(await one(endOfDay(dayInJapan(daysFromNow(-2)))))
    all = authorities.all.filter(({ name }) => name === 'auth').toSorted((a, b) => a.generation - b.generation)
  }
  return {
    directory,
    authorities: all,
    good,
    revoked,
    expired,
    list: (generation, scope) => {
      const authority = all[generation] as Authority
      const thisUpdate = new Date(now.getTime() - 3_600_000)
      const crl = locationsOf(base, authority).partition(municipality.code)
      const entry = {
        serialNumber: revoked[generation]?.serialNumber ?? '',
        revocationDate: thisUpdate,
        reason: 'keyCompromise',
      }
      return issueCrl(
        {
          issuer: authority.opened.subject,
          thisUpdate,
          nextUpdate: new Date(thisUpdate.getTime() + 30 * 3_600_000),
          crlNumber: 1n,
          authorityKeyIdentifier: authority.keyIdentifier,
          entries: [entry as RevokedEntry],
          extensions: crlProfiles[scope].auth.map((part) =>
            part.of({ names: crlPartitionNames('auth', municipality, crl) }),
          ),
        },
        authority.signer,
      )
    },
    put: async (name, octets) => {
      await writeFile(join(directory, name), octets)
      return join(directory, name)
    },
    close: async () => {
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}

export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${der
    .toBase64()
    .match(/.{1,64}/g)
    ?.join('\n')}\n-----END ${label}-----\n`
