/** A corpus of malformed structures: what we refuse and why, and where OpenSSL and GnuTLS see it otherwise. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { DerError } from '@mobile-jpki/der'
import { needs } from '../../../../test/needs.ts'
import { parseCertificate, parseCrl, parseOcspRequest, parseOcspResponse } from '../../index.ts'
import { type Case, certificates, lists, requests, responses } from './corpus.ts'
import { type Kind, type Other, onlyOurs, refused } from './verdicts.ts'

const run = promisify(execFile)

const corpus: Readonly<Record<Kind, readonly Case[]>> = { certificates, lists, responses, requests }
const ours: Readonly<Record<Kind, (octets: Uint8Array) => unknown>> = {
  certificates: parseCertificate,
  lists: (octets) => [...parseCrl(octets).entries()],
  responses: parseOcspResponse,
  requests: parseOcspRequest,
}
const theirs: Readonly<Record<Other, Readonly<Record<Kind, readonly string[]>>>> = {
  openssl: {
    certificates: ['openssl', 'x509', '-inform', 'DER', '-noout', '-text', '-in'],
    lists: ['openssl', 'crl', '-inform', 'DER', '-noout', '-text', '-in'],
    responses: ['openssl', 'ocsp', '-noverify', '-resp_text', '-respin'],
    requests: ['openssl', 'ocsp', '-req_text', '-reqin'],
  },
  gnutls: {
    certificates: ['certtool', '--certificate-info', '--inder', '--infile'],
    lists: ['certtool', '--crl-info', '--inder', '--infile'],
    responses: ['ocsptool', '--response-info', '--infile'],
    requests: ['ocsptool', '--request-info', '--infile'],
  },
}

function isRead(kind: Kind, octets: Uint8Array): boolean {
  try {
    ours[kind](octets)
    return true
  } catch (error) {
    assert.ok(error instanceof DerError, String(error))
    return false
  }
}

const kinds = Object.keys(ours) as Kind[]
/** Programs start slowly and wait for nothing: some at a time. */
const parallel = 4

describe('a malformed structure', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pkix-malformed-'))
  })
  after(() => rm(directory, { recursive: true }))

  it('is refused by the clause that it breaks, and what breaks none is read', () => {
    for (const kind of kinds)
      for (const { what, octets } of corpus[kind])
        assert.equal(isRead(kind, octets), refused[kind][what] === undefined, `${kind}: ${what}`)
  })

  it('stands in the table when it is refused, and no other does', () => {
    for (const kind of kinds)
      assert.deepEqual(
        Object.keys(refused[kind]).filter((what) => !corpus[kind].some((one) => one.what === what)),
        [],
      )
  })

  for (const [other, tool] of [
    ['openssl', 'openssl'],
    ['gnutls', 'certtool'],
  ] as const)
    it(`is read by ${other} where the table says so, and refused where it does not`, {
      skip: needs(tool),
    }, async () => {
      const cases = kinds.flatMap((kind) => corpus[kind].map((one) => ({ kind, ...one })))
      const judge = async ({ kind, what, octets }: (typeof cases)[number], index: number): Promise<void> => {
        const file = join(directory, `${other}-${index}.der`)
        await writeFile(file, octets)
        const [program = '', ...args] = theirs[other][kind]
        const reads = await run(program, [...args, file]).then(
          () => true,
          () => false,
        )
        const [, readBy] = refused[kind][what] ?? []
        const isOnlyOurs = onlyOurs.some(([a, b, c]) => a === kind && b === what && c === other)
        assert.equal(reads, readBy === undefined ? !isOnlyOurs : readBy.includes(other), `${kind}: ${what}`)
      }
      for (let at = 0; at < cases.length; at += parallel)
        await Promise.all(cases.slice(at, at + parallel).map((one, index) => judge(one, at + index)))
    })
})
