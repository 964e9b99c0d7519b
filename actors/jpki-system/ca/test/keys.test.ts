/** Where CA keys live, by configuration, and how a CA moves from files into a token. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type SoftToken, skipWithoutSoftToken, softToken } from '@mobile-jpki/keyring/soft-token'
import { rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { openAuthorities } from '../authorities.ts'
import { CaKeySettings, signerKindOf } from '../keys.ts'
import { officers, openRoom } from './ceremony-room.ts'

const [hanako, taro] = officers

describe('the configuration of CA keys', () => {
  const token = { provider: 'pkcs11', module: '/usr/lib/x.so', token: 'jpki-ca' }
  it('is files, RSA-2048, made at the first start, unless said', () => {
    const settings = CaKeySettings.parse({ provider: 'files' })
    assert.deepEqual(settings, { provider: 'files', kind: 'rsa-2048', made: 'at-first-start' })
  })

  it('takes the PIN of a token from one place, and never its text', () => {
    for (const pin of [{ pinFile: '/etc/pin' }, { pinVariable: 'PIN' }])
      assert.equal(CaKeySettings.safeParse({ ...token, ...pin }).success, true)
    for (const wrong of [
      {},
      { pin: '1234' },
      { pinFile: '/etc/pin', pinVariable: 'PIN' },
      { pinFile: '/x', kind: 'rsa-1024' },
    ])
      assert.equal(CaKeySettings.safeParse({ ...token, ...wrong }).success, false)
  })

  it('knows a kind by the public key, and refuses one that no CA has', () => {
    const rsa = (octets: number) =>
      rsaPublicKeyInfo({ modulus: new Uint8Array(octets).fill(0xff), publicExponent: Uint8Array.of(1, 0, 1) })
    assert.deepEqual([signerKindOf(rsa(256)), signerKindOf(rsa(384))], ['rsa-2048', 'rsa-3072'])
    assert.throws(
      () => signerKindOf(rsa(512)),
      (error) => error instanceof Refusal && error.code === 'key.wrong-kind',
    )
  })
})

describe('a CA with its keys in files', { skip: skipWithoutSoftToken }, () => {
  let soft: SoftToken
  before(async () => {
    soft = await softToken()
    await soft.add('jpki-ca')
  })
  after(() => soft[Symbol.asyncDispose]())

  it('moves into a token with its next generation, and signs with the older ones from the files', async () => {
    const room = await openRoom()
    await room.run(await room.approved(await room.write(), hanako, taro))
    const { module, pinFile } = soft
    const token = { provider: 'pkcs11', module, token: 'jpki-ca', pinFile } as Partial<CaKeySettings>
    const moved = await openRoom(token, { folder: room.directory })
    try {
      const { generations } = await moved.run(await moved.approved(await moved.write(), hanako, taro))
      assert.deepEqual(
        generations.map(({ generation, key }) => [generation, key.provider]),
        [
          [2, 'pkcs11'],
          [2, 'pkcs11'],
        ],
      )
      const { all } = await openAuthorities(moved.world, moved.world.keys, { kind: 'p-256', made: 'by-ceremony' })
      assert.deepEqual(
        all.map(({ name, generation }) => `${name}-${generation}`),
        ['auth-2', 'sign-2', 'auth-1', 'sign-1'],
      )
      await assert.rejects(
        openAuthorities(room.world, room.world.keys, { kind: 'p-256', made: 'by-ceremony' }),
        (error) => {
          return error instanceof Refusal && error.code === 'key.not-found' && /-2/.test(error.message)
        },
      )
    } finally {
      await moved.close()
      await room.close()
    }
  })
})
