/** Where CA keys live, by configuration; how a CA moves from files into a token, and goes on with new keys while it runs. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type SoftToken, skipWithoutSoftToken, softToken } from '@mobile-jpki/keyring/soft-token'
import { cRLDistributionPoints, parseCertificate, rsaPublicKeyInfo } from '@mobile-jpki/pkix'
import { ocspRequest, verifyCrl, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service'
import * as contract from '../../contract.ts'
import { person, started } from '../../test/surroundings.ts'
import { openAuthorities } from '../authorities.ts'
import { CaKeySettings, signerKindOf } from '../keys.ts'
import { officers, openRoom, type Room } from './ceremony-room.ts'

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

describe('a JPKI system that runs while a ceremony makes the next keys', () => {
  let room: Room
  let system: Awaited<ReturnType<typeof started>>
  let municipality: Peer
  before(async () => {
    room = await openRoom()
    await room.run(await room.approved(await room.write(), hanako, taro))
    const { dataDirectory, caKeys } = room.configuration
    system = await started({ dataDirectory, ...(caKeys !== undefined && { caKeys }) })
    municipality = await system.as('municipality')
  })
  after(async () => {
    await system.close()
    await room.close()
  })
  const enrolled = async () => {
    const { authCertificate, authCaCertificate } = await call(municipality, contract.enrolPerson, person())
    return { certificate: parseCertificate(authCertificate), issuer: parseCertificate(authCaCertificate) }
  }

  it('issues with them within seconds, and says by OCSP and CRL what is good', async () => {
    const old = await enrolled()
    const { generations } = await room.run(await room.approved(await room.write(), hanako, taro))
    const next = generations.find(({ authority }) => authority === 'auth')
    let young = await enrolled()
    while (young.issuer.serialNumber === old.issuer.serialNumber) {
      await setTimeout(200)
      young = await enrolled()
    }
    assert.equal(young.issuer.subjectOctets.toHex(), old.issuer.subjectOctets.toHex())
    assert.equal(next?.generation, 2)
    for (const { certificate, issuer } of [old, young]) {
      const at = new Date()
      const reply = await fetch(`${system.publicUrl()}/ocsp`, {
        method: 'POST',
        headers: { 'content-type': 'application/ocsp-request' },
        body: new Uint8Array(ocspRequest(issuer, certificate.serialNumber)),
      })
      const answer = new Uint8Array(await reply.arrayBuffer())
      const expected = { issuer, serialNumber: certificate.serialNumber, at: new Date() }
      assert.equal((await verifyOcspResponse(answer, expected)).status, 'good')
      assert.ok(certificate.extension(cRLDistributionPoints) !== undefined && at <= new Date())
    }
    const full = await fetch(`${system.publicUrl()}/crl/auth-2.crl`)
    await verifyCrl(new Uint8Array(await full.arrayBuffer()), young.issuer, new Date())
  })
})
