/**
 * What verifiers of others say, beside ours, of good, expired, revoked, wrongly issued and rolled-over certificates: OpenSSL, GnuTLS, NSS,
 * Java. All three generations of the CA are trusted at once and have one name: the key identifier alone leads to the right one.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { PathError, parseCertificate, validatePath } from '@mobile-jpki/pkix'
import { verifyCrl, verifySignature } from '@mobile-jpki/pkix/crypto'
import { needs } from '../../../../test/needs.ts'
import { afterTheEnd, type Hierarchy, hierarchy, kinds, now, pem } from './generations.ts'

const run = promisify(execFile)
const generations = kinds.map((kind, index) => [index, `generation ${index + 1}, ${kind}`] as const)

let one: Hierarchy
/** What the program says, whatever it says it with. */
const says = async (program: string, ...args: string[]): Promise<string> => {
  const { stdout, stderr } = await run(program, args, { cwd: one.directory, encoding: 'utf8' }).catch(
    (error: { stdout: string; stderr: string }) => error,
  )
  return stdout + stderr
}

before(async () => {
  one = await hierarchy()
  const cas = one.authorities.map(({ certificate }) => pem('CERTIFICATE', certificate))
  await one.put('all.pem', cas.join(''))
  for (const [index] of generations) {
    await one.put(`ca-${index}.pem`, cas[index] ?? '')
    await one.put(`others-${index}.pem`, cas.toSpliced(index, 1).join(''))
    for (const name of ['good', 'revoked', 'expired'] as const) {
      const { der } = one[name][index] ?? assert.fail()
      await one.put(`${name}-${index}.der`, der)
      await one.put(`${name}-${index}.pem`, pem('CERTIFICATE', der))
    }
    for (const scope of ['full', 'partition'] as const) {
      const list = await one.list(index, scope)
      await one.put(`${scope}-${index}.crl`, list)
      await one.put(`${scope}-${index}.pem`, pem('X509 CRL', list))
    }
  }
})
after(() => one.close())

describe('our own path validation', () => {
  for (const [index, name] of generations)
    it(`picks the right one: ${name}`, async () => {
      const anchors = one.authorities.map(({ opened }) => opened)
      const certificate = parseCertificate(one.good[index]?.der ?? assert.fail())
      const at = now
      const path = await validatePath(certificate, { anchors, at, verifySignature })
      assert.equal(path.at(-1), anchors[index])
      const refused = (code: string, changed: object) =>
        assert.rejects(
          validatePath(certificate, { anchors, at, verifySignature, ...changed }),
          (error) => error instanceof PathError && error.code === code,
        )
      await refused('expired', { at: afterTheEnd })
      await refused('bad-signature', { anchors: anchors.toSpliced(index, 1) })
      const issuer = anchors[index] ?? assert.fail()
      for (const scope of ['full', 'partition'] as const) {
        const crl = await verifyCrl(await one.list(index, scope), issuer, at, certificate)
        assert.equal(crl.find(certificate.serialNumber), undefined)
        assert.equal(crl.find(one.revoked[index]?.serialNumber ?? '')?.reason, 'keyCompromise')
      }
    })
})

describe('OpenSSL', { skip: needs('openssl') }, () => {
  const verify = (file: string, scope: string, cas = 'all.pem', ...more: readonly string[]) => {
    const lists = generations.flatMap(([other]) => ['-CRLfile', `${scope}-${other}.pem`])
    return says('openssl', 'verify', '-x509_strict', '-crl_check', '-CAfile', cas, ...lists, ...more, file)
  }
  for (const [index, name] of generations)
    it(`agrees: ${name}`, async () => {
      for (const scope of ['full', 'partition']) {
        assert.match(await verify(`good-${index}.pem`, scope), /: OK/, scope)
        assert.match(await verify(`revoked-${index}.pem`, scope), /certificate revoked/, scope)
      }
      assert.match(await verify(`expired-${index}.pem`, 'full'), /certificate has expired/)
      const later = String(afterTheEnd.getTime() / 1000)
      assert.match(await verify(`good-${index}.pem`, 'full', 'all.pem', '-attime', later), /certificate has expired/)
      assert.match(await verify(`good-${index}.pem`, 'full', `others-${index}.pem`), /unable to get local issuer/)
    })
})

describe('GnuTLS', { skip: needs('certtool') }, () => {
  const verify = async (index: number, certificate: string, cas = [0, 1, 2]) => {
    const list = ['--load-crl', `full-${index}.pem`]
    await one.put(
      'trusted.pem',
      cas.map((ca) => pem('CERTIFICATE', one.authorities[ca]?.certificate ?? assert.fail())).join(''),
    )
    return says(
      'certtool',
      '--verify',
      '--load-ca-certificate',
      'trusted.pem',
      ...list,
      '--infile',
      `${certificate}-${index}.pem`,
    )
  }
  for (const [index, name] of generations)
    it(`agrees: ${name}`, async () => {
      assert.match(await verify(index, 'good'), /Chain verification output: Verified/)
      assert.match(await verify(index, 'revoked'), /Not verified.*revoked/)
      assert.match(await verify(index, 'expired'), /Not verified.*expired/)
      assert.match(await verify(index, 'good', [0, 1, 2].toSpliced(index, 1)), /Not verified/)
    })
})

// NSS keeps one list for a name, and Java takes any list of that name: each is given those of one generation, as whoever fetches has them.
describe('NSS', { skip: needs('certutil', 'vfychain') }, () => {
  const database = async (name: string, cas: readonly number[], lists: readonly number[]) => {
    const path = `sql:${join(one.directory, name)}`
    await mkdir(join(one.directory, name))
    await run('certutil', ['-N', '-d', path, '--empty-password'])
    const at = (file: string) => ['-d', path, '-i', join(one.directory, file)]
    for (const index of cas)
      await run('certutil', ['-A', '-n', `auth-${index}`, '-t', 'CT,C,C', '-a', ...at(`ca-${index}.pem`)])
    for (const index of lists) await run('crlutil', ['-I', '-B', '-t', '1', ...at(`full-${index}.crl`)])
    const lookUp = lists.length > 0 ? ['-g', 'leaf', '-m', 'crl', '-s', 'forbidFetching'] : []
    return (certificate: string) => says('vfychain', '-pp', ...lookUp, '-d', path, '-u', '0', `${certificate}.der`)
  }
  it('agrees on generations of one name, each chosen by its key', async () => {
    const verify = await database('all', [0, 1, 2], [])
    for (const [index] of generations) {
      assert.match(await verify(`good-${index}`), /Chain is good!/)
      assert.match(await verify(`expired-${index}`), /expired/i)
    }
  })
  for (const [index, name] of generations)
    it(`agrees on revoked and wrongly issued: ${name}`, async () => {
      const own = await database(`own-${index}`, [index], [index])
      assert.match(await own(`good-${index}`), /Chain is good!/)
      assert.match(await own(`revoked-${index}`), /revoked/i)
      const other = await database(`other-${index}`, [(index + 1) % 3], [])
      assert.match(await other(`good-${index}`), /Chain is bad!/)
    })
})

describe('Java', { skip: needs('javac') }, () => {
  it('agrees on good, revoked, expired, wrongly issued and rolled-over certificates', async () => {
    const cas = generations.flatMap(([index]) => ['ca', `ca-${index}.pem`])
    const asked = generations.flatMap(([index]) =>
      ['full', 'partition'].flatMap((scope) => [
        ...['lists', `${scope}-${index}.crl`],
        ...[now.toISOString(), `good-${index}.der`],
        ...[now.toISOString(), `revoked-${index}.der`],
        ...[now.toISOString(), `expired-${index}.der`],
        ...[afterTheEnd.toISOString(), `good-${index}.der`],
      ]),
    )
    const program = ['-XX:TieredStopAtLevel=1', join(import.meta.dirname, 'Verify.java')]
    const told = (await says('java', ...program, ...cas, ...asked)).trim().split('\n')
    assert.equal(told.length, 24)
    for (let at = 0; at < told.length; at += 4) {
      const [good, revoked, expired, later] = told.slice(at)
      assert.equal(good, 'good')
      assert.match(revoked ?? '', /^refused: .*[Rr]evoked/)
      assert.match(expired ?? '', /^refused/)
      assert.match(later ?? '', /^refused/)
    }
    const others = ['ca', 'ca-1.pem', 'ca', 'ca-2.pem', now.toISOString(), 'good-0.der']
    assert.match(await says('java', ...program, ...others), /^refused/)
  })
})
