/** CA keys in a token from their ceremony to the certificates that they sign, as OpenSC and OpenSSL see them. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { type SoftToken, skipWithoutSoftToken, softToken, strangerSays } from '@mobile-jpki/keyring/soft-token'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { needs } from '../../../../test/needs.ts'
import * as contract from '../../contract.ts'
import { person, started } from '../../test/surroundings.ts'
import { readPapers, runCeremony, writeRecord } from '../ceremony/index.ts'
import type { CaKeySettings } from '../keys.ts'
import { officers, openRoom, operator, type Room } from './ceremony-room.ts'

const run = promisify(execFile)
const [hanako, taro] = officers
const refuses = (code: RefusalCode, detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && detail.test(error.message)

describe('a CA whose keys a ceremony made in a token', {
  skip: skipWithoutSoftToken || needs('openssl', 'pkcs11-tool'),
}, () => {
  let soft: SoftToken
  let room: Room
  let file = ''
  before(async () => {
    soft = await softToken()
    await soft.add('jpki-ca')
    const { module, pinFile } = soft
    room = await openRoom({ provider: 'pkcs11', module, token: 'jpki-ca', pinFile } as Partial<CaKeySettings>)
    const key = { authority: 'both', kind: 'rsa-2048', years: 10 } as const
    file = await room.approved(await room.write({ key }), hanako, taro)
    await writeRecord(file, await room.run(file))
  })
  after(async () => {
    await room.close()
    await soft[Symbol.asyncDispose]()
  })

  it('has a record that vouches that they cannot leave it', async () => {
    const { generations } = await room.run(file)
    for (const { key, keyIdentifier } of generations) {
      assert.equal(key.provider, 'pkcs11')
      if (key.provider !== 'pkcs11') continue
      assert.deepEqual([key.token.label, key.id], ['jpki-ca', keyIdentifier])
      assert.deepEqual([key.attributes.CKA_EXTRACTABLE, key.attributes.CKA_NEVER_EXTRACTABLE], [false, true])
    }
    assert.deepEqual(
      generations.map(({ key }) => key.name),
      ['ca-sign-1', 'ca-auth-1'],
    )
  })

  it('shows them to pkcs11-tool as keys that never leave', async () => {
    const objects = await strangerSays(soft, 'jpki-ca', '--list-objects', '--type', 'privkey')
    for (const name of ['ca-sign-1', 'ca-auth-1'])
      assert.match(
        objects,
        new RegExp(`label: *${name}\\n(?:.*\\n)*? *Access: *sensitive, always sensitive, never extract`),
      )
  })

  it('leaves papers that openssl checks: who approved, and what was made', async () => {
    for (const { name, publicKey } of [hanako, taro]) {
      const pem = join(room.directory, `${name}.pub.pem`)
      await writeFile(pem, publicKey)
      const { stdout } = await run('openssl', [
        'dgst',
        '-sha256',
        '-verify',
        pem,
        '-signature',
        `${file}.${name}.sig`,
        file,
      ])
      assert.match(stdout, /Verified OK/)
    }
    const approval = await run('openssl', [
      'verify',
      '-check_ss_sig',
      '-CAfile',
      `${file}.sign-1.pem`,
      `${file}.sign-1.pem`,
    ])
    assert.match(approval.stdout, /OK/)
  })

  it('takes approvals that openssl made', async () => {
    const key = { authority: 'sign', kind: 'p-256', years: 10 } as const
    const next = await room.write({ key })
    for (const { name, privateKey } of [hanako, taro]) {
      const pem = join(room.directory, `${name}.pem`)
      await writeFile(pem, privateKey, { mode: 0o600 })
      await run('openssl', ['dgst', '-sha256', '-sign', pem, '-out', `${next}.by-${name}.sig`, next])
    }
    assert.deepEqual(
      (await room.run(next)).generations.map(({ authority, generation }) => `${authority}-${generation}`),
      ['sign-2'],
    )
  })

  it('issues with them; openssl builds the path', async () => {
    const { dataDirectory, caKeys } = room.configuration
    const system = await started({ dataDirectory, ...(caKeys !== undefined && { caKeys }) })
    try {
      const municipality = await system.as('municipality')
      const enrolled = await call(municipality, contract.enrolPerson, person())
      for (const [name, certificate, ca] of [
        ['sign', enrolled.signCertificate, enrolled.signCaCertificate],
        ['auth', enrolled.authCertificate, enrolled.authCaCertificate],
      ] as const) {
        const [leaf, issuer] = [join(room.directory, `${name}.pem`), join(room.directory, `${name}-ca.pem`)]
        await writeFile(leaf, new X509Certificate(certificate ?? '').toString())
        await writeFile(issuer, new X509Certificate(ca ?? '').toString())
        const { stdout } = await run('openssl', ['verify', '-CAfile', issuer, leaf])
        assert.match(stdout, /OK/)
      }
    } finally {
      await system.close()
    }
  })

  it('is not made where a token cannot vouch that its keys stay', async () => {
    const key = { authority: 'auth', kind: 'p-256', years: 10 } as const
    const { ceremony, approvals } = await readPapers(await room.approved(await room.write({ key }), hanako, taro))
    const { keys } = room.world
    const describing: typeof keys.describe = async (name, kind) => {
      const description = await keys.describe(name, kind)
      return description.provider === 'files'
        ? description
        : { ...description, attributes: { ...description.attributes, CKA_EXTRACTABLE: true } }
    }
    const leaky = { ...room.world, keys: { ...keys, describe: describing } }
    const signatures = approvals.map(({ signature }) => signature)
    await assert.rejects(runCeremony(leaky, ceremony, signatures, operator), refuses('key.wrong-kind', /EXTRACTABLE/))
    await runCeremony(room.world, ceremony, [], operator)
  })
})
