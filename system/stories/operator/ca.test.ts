/** ./jpki ca as an operator types it, with requests of openssl's and certificates that openssl judges; and everything that is refused. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import type { RefusalCode } from '@mobile-jpki/refusal'
import { needs } from '../../../test/needs.ts'
import { parse } from '../../command.ts'
import { commands } from '../../commands.ts'
import { freePortBase, layoutOf } from '../../town/layout.ts'
import { widthOf } from '../../width.ts'
import { jpki } from '../stage/process.ts'
import { openTown, type StoryTown, temporaryFolder } from '../stage/town.ts'

const run = promisify(execFile)

const taro = {
  name: '見本　太郎',
  address: '東京都千代田区霞が関三丁目１番１号',
  birthDate: '1985-05-05',
  gender: 'male',
  municipality: { code: '13101', prefecture: 'Tokyo-to', city: 'Chiyoda-ku' },
  cardExpires: '2035-05-05',
}

describe('./jpki ca', { skip: needs('openssl'), timeout: 900_000 }, () => {
  let folder: string
  let town: StoryTown
  const at = (name: string) => join(folder, name)
  const openssl = async (...args: readonly string[]) => (await run('openssl', [...args], { cwd: folder })).stdout.trim()

  before(async () => {
    folder = await temporaryFolder()
    town = await openTown()
    await writeFile(at('taro.json'), JSON.stringify(taro))
    for (const name of ['sign', 'auth', 'next'])
      await openssl(
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        '/CN=x',
      )
    await openssl('req', '-in', 'next.csr', '-outform', 'DER', '-out', 'next.der')
  })
  after(async () => {
    await town[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function typed(...args: readonly string[]) {
    const one = jpki('ca', ...args, '--data', town.data)
    const { status } = await one.ended
    return { status, ...one.said }
  }
  async function says(...args: readonly string[]): Promise<string> {
    const { status, out, err } = await typed(...args)
    assert.equal(status, 0, err)
    return out
  }
  /** In this process, since what is refused writes nothing; cli.ts puts it into words. */
  const refuses = (code: RefusalCode, message: RegExp, name: string, ...args: readonly string[]) =>
    assert.rejects(
      async () => {
        const load = commands[`ca ${name}`]
        assert.ok(load)
        const { default: command } = await load()
        const { values, operands } = parse(command, [...args, '--data', town.data])
        await command.run(values, operands)
      },
      { name: 'Refusal', code, message },
    )
  const serialIn = async (file: string) =>
    (await openssl('x509', '-in', file, '-noout', '-serial')).replace('serial=', '')

  let card = ''
  it('enrols a person from two requests, once however often it is said; openssl verifies what it wrote', async () => {
    const requests = ['--sign', at('sign.csr'), '--auth', at('auth.csr')]
    const first = await says('enrol', at('taro.json'), ...requests, '--out', at('issued'), '--once', 'taro-1')
    assert.match(first, /^FILE +SERIAL NUMBER +UNTIL\n/)
    for (const name of ['sign', 'auth']) {
      const verified = await openssl('verify', '-CAfile', `issued/${name}-ca.pem`, `issued/${name}.pem`)
      assert.equal(verified, `issued/${name}.pem: OK`)
      const [own, requested] = await Promise.all([
        openssl('x509', '-in', `issued/${name}.pem`, '-noout', '-pubkey'),
        openssl('req', '-in', `${name}.csr`, '-noout', '-pubkey'),
      ])
      assert.equal(own, requested)
    }
    card = await serialIn('issued/auth.pem')
    const again = await says('enrol', at('taro.json'), ...requests, '--json', '--once', 'taro-1')
    assert.equal(JSON.parse(again).auth.serialNumber, card.toLowerCase())
    await refuses(
      'request.key-reused',
      /another request/,
      'enrol',
      at('taro.json'),
      '--auth',
      at('auth.csr'),
      '--once',
      'taro-1',
    )
  })

  it('issues from a request in PEM or DER, to standard output or into files', async () => {
    const pem = await says('issue', card, '--sign', at('next.csr'))
    await writeFile(at('next.pem'), pem)
    assert.equal(await openssl('verify', '-CAfile', 'issued/sign-ca.pem', 'next.pem'), 'next.pem: OK')
    await says('issue', card, '--sign', at('next.der'), '--out', at('next'), '--der')
    const written = await openssl('x509', '-inform', 'DER', '-in', 'next/sign.der', '-noout', '-serial')
    assert.equal(written, `serial=${await serialIn('next.pem')}`)
  })

  it('shows a certificate with what is linked with it and who did what, in lines that stay in line', async () => {
    const shown = await says('show', card)
    assert.match(shown, new RegExp(`^serial number {2}${card.toLowerCase()}$`, 'm'))
    assert.match(shown, /^state +valid$/m)
    assert.match(shown, /署名用 sign +revoked \(superseded\)/)
    assert.match(shown, /^ {2}\S+ \S+ JST {2}operator {2}certificate\.issued/m)
    const table = shown.split('\n').filter((line) => /^ {2}(?:SERIAL|[0-9a-f]{16}) /.test(line))
    const starts = table.map((line) => widthOf(line.slice(0, line.search(/UNTIL|20\d\d-/))))
    assert.equal(new Set(starts).size, 1, table.join('\n'))
    await says('show', card, '--out', at('shown.pem'))
    assert.equal(await readFile(at('shown.pem'), 'utf8'), await readFile(at('issued/auth.pem'), 'utf8'))
    assert.equal(await says('show', card, '--out', '-'), await readFile(at('issued/auth.pem'), 'utf8'))
  })

  it('lists by what is known of a certificate, for a machine too', async () => {
    const { certificate } = JSON.parse(await says('show', card, '--json'))
    for (const option of [
      ['--serial', card.replaceAll(/..(?=.)/g, '$&:')],
      ['--key-identifier', certificate.keyIdentifier],
      ['--person', certificate.person, '--kind', 'auth'],
    ]) {
      const { certificates, more } = JSON.parse(await says('list', ...option, '--json'))
      assert.deepEqual([certificates.length, certificates[0].serialNumber, more], [1, card.toLowerCase(), false])
    }
    assert.match(await says('list', '--state', 'revoked'), /superseded/)
    assert.equal(await says('list', '--state', 'held'), 'No certificate is like that.\n')
    assert.match(await says('list', '--limit', '1'), /There are more: --limit shows them\.\n$/)
    assert.equal((await says('list', '--limit', '100')).trim().split('\n').length, 6)
  })

  it('revokes once: lists and openssl say so, and said again it says that it was done', async () => {
    const said = await says('revoke', card, '--reason', 'keyCompromise', '--once', 'lost')
    assert.match(
      said,
      new RegExp(`^${card.toLowerCase()} \\(利用者証明用 auth\\) is revoked since .* JST: keyCompromise\\.\n$`),
    )
    assert.equal(await says('revoke', card, '--reason', 'keyCompromise', '--once', 'lost'), said)
    const { status, out, err } = await typed('revoke', card, '--reason', 'keyCompromise')
    assert.deepEqual([status, out], [1, ''])
    assert.match(err, /^error certificate\.already-revoked: .* — Nothing is left to do\.\n$/)
    assert.match(await says('show', card), /^revoked +.* JST, keyCompromise$/m)
    await says('crl', '--authority', 'auth', '--out', at('auth.crl'))
    const judged = run('openssl', [
      'verify',
      '-crl_check',
      '-CAfile',
      at('issued/auth-ca.pem'),
      '-CRLfile',
      at('auth.crl'),
      at('issued/auth.pem'),
    ])
    await assert.rejects(judged, /certificate revoked/)
  })

  it('publishes lists: those that are due, one anew, one municipality’s', async () => {
    const table = await says('crl', '--authority', 'auth', '--municipality', '13101')
    assert.match(
      table,
      /^LIST +MUNICIPALITY +NUMBER +OF +AT\nauth-1 +13101 +\d+ +.* JST +http.*\/crl\/auth-1\/13101\.crl\n$/,
    )
    const text = await openssl('crl', '-in', 'auth.crl', '-noout', '-text')
    assert.match(text, new RegExp(`Serial Number: ${card}`))
    const { lists } = JSON.parse(await says('crl', '--json'))
    assert.ok(Array.isArray(lists))
  })

  it('tells how the system is', async () => {
    const { out } = await typed('status')
    assert.match(out, /^✔ {2}database {10}answers in \d+ ms$/m)
    assert.deepEqual(JSON.parse((await typed('status', '--json')).out).checks.length, 5)
  })

  it('reaches a system elsewhere by its URL and a certificate', async () => {
    const service = await openServiceCertificates(layoutOf(town.data).of('service-ca'), () => new Date())
    const given = async (actor: 'operator' | 'sp-tsm') => {
      const { key, certificate, serviceCa } = await service.identityOf(actor)
      await mkdir(at(actor), { recursive: true })
      const options = { key, certificate, 'service-ca': serviceCa }
      for (const [name, pem] of Object.entries(options)) await writeFile(join(at(actor), name), pem, { mode: 0o600 })
      return Object.keys(options).flatMap((name) => [`--${name}`, join(at(actor), name)])
    }
    const url = ['--url', town.places.jpkiSystem]
    const operator = await given('operator')
    assert.match(await says('status', ...url, ...operator), /^✔ {2}database/)
    await refuses('caller.not-allowed', /sp-tsm may not call/, 'status', ...url, ...(await given('sp-tsm')))
    await refuses('request.malformed', /--key is missing/, 'status', ...url)
    await refuses('request.malformed', /not for the key/, 'status', ...url, ...operator, '--key', at('sp-tsm/key'))
    await refuses(
      'request.malformed',
      /--certificate: not a certificate/,
      'status',
      ...url,
      ...operator,
      '--certificate',
      at('taro.json'),
    )
    await refuses('reference.not-found', /ENOENT/, 'status', ...url, ...operator, '--key', at('nothing'))
    await refuses(
      'peer.unreachable',
      /ECONNREFUSED/,
      'status',
      '--url',
      `https://127.0.0.1:${await freePortBase()}`,
      ...operator,
    )
    await refuses('request.malformed', /--url/, 'status', '--url', 'http://127.0.0.1:1')
  })

  it('refuses what is wrong, in words', async () => {
    const auth = ['--auth', at('auth.csr')]
    const forged = new Uint8Array(await readFile(at('next.der')))
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    await writeFile(at('forged.der'), forged)
    await writeFile(at('cut.der'), forged.slice(0, 90))
    await writeFile(at('wrong.json'), JSON.stringify({ ...taro, birthDate: 'yesterday' }))
    await writeFile(at('more.json'), JSON.stringify({ ...taro, shoeSize: 27 }))
    const other = (await says('list', '--kind', 'auth', '--state', 'valid', '--json')).trim()
    const someones = JSON.parse(other).certificates[0].serialNumber

    await refuses('possession.invalid', /signRequest/, 'issue', someones, '--sign', at('forged.der'))
    await refuses(
      'request.malformed',
      /signRequest: not a certification request/,
      'issue',
      someones,
      '--sign',
      at('cut.der'),
    )
    await refuses('request.malformed', /holds no certification request/, 'issue', someones, '--sign', at('taro.json'))
    await refuses('request.malformed', /Neither --sign nor --auth/, 'issue', someones)
    await refuses(
      'reference.not-found',
      /auth certificate by that serial number/,
      'issue',
      'ff',
      '--sign',
      at('next.csr'),
    )
    await refuses('certificate.revoked', /revoked/, 'issue', card, '--sign', at('next.csr'))
    await refuses('request.malformed', /birthDate/, 'enrol', at('wrong.json'), ...auth)
    await refuses('request.malformed', /shoeSize/, 'enrol', at('more.json'), ...auth)
    await refuses('request.malformed', /--auth/, 'enrol', at('taro.json'))
    await refuses('reference.not-found', /ENOENT/, 'enrol', at('nobody.json'), ...auth)
    await refuses('reference.not-found', /serial number ff/, 'show', 'ff')
    await refuses('request.malformed', /no serial number/, 'show', 'the last one')
    await refuses('request.malformed', /SERIAL is missing/, 'revoke', '--reason', 'keyCompromise')
    await refuses('request.malformed', /--reason: write one of unspecified/, 'revoke', card, '--reason', 'boredom')
    await refuses('conditions.not-satisfied', /four items/, 'revoke', someones, '--reason', 'affiliationChanged')
    await refuses('reference.not-found', /no list of 99999/, 'crl', '--authority', 'auth', '--municipality', '99999')
    await refuses('request.malformed', /--authority is missing/, 'crl', '--out', at('x'))
    await refuses('request.malformed', /--once/, 'revoke', someones, '--reason', 'keyCompromise', '--once', 'a b')
  })

  it('says that no town runs, and what starts one', async () => {
    const one = jpki('ca', 'status', '--data', at('nowhere'))
    assert.deepEqual(await one.ended, { status: 1, signal: null })
    assert.match(one.said.err, /^error peer\.unreachable: No town runs over .*nowhere; \.\/jpki up starts one/)
    const json = jpki('ca', 'status', '--data', at('nowhere'), '--json')
    await json.ended
    assert.equal(JSON.parse(json.said.err).type, 'urn:jpki:problem:peer.unreachable')
  })
})
