/** A JPKI system that runs while a ceremony makes the next keys: it issues with them, answers for them, lists for them, without a restart. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { cRLDistributionPoints, parseCertificate } from '@mobile-jpki/pkix'
import { ocspRequest, verifyCrl, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { call, type Peer } from '@mobile-jpki/service'
import * as contract from '../../contract.ts'
import { person, started } from '../../test/surroundings.ts'
import { officers, openRoom, type Room } from './ceremony-room.ts'

const [hanako, taro] = officers

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
