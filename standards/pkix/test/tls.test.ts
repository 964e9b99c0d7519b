/** A certificate for a service on this machine carries a real TLS connection, both ends certified. RFC 5280 §4.2.1.6, §4.2.1.12. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { keySigner } from '../crypto.ts'
import * as pkix from '../index.ts'
import { issueBy, makeCa, pem } from './hierarchy.ts'

it('a service certificate with DNS name and IP address carries mutual TLS', async () => {
  const ca = await makeCa()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = keySigner(privateKey)
  const { der } = await issueBy(ca, {
    signer,
    subject: pkix.nameOf(['CN', 'sp-tsm']),
    extensions: [
      pkix.extension(pkix.keyUsage, ['digitalSignature'], 'critical'),
      pkix.extension(pkix.extKeyUsage, [pkix.keyPurposes.serverAuth, pkix.keyPurposes.clientAuth]),
      pkix.extension(pkix.subjectAltName, [pkix.dnsNameOf('localhost'), pkix.ipAddressOf('127.0.0.1')]),
    ],
  })
  const identity = {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: pem('CERTIFICATE', der),
    ca: pem('CERTIFICATE', ca.der),
  }
  const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: true }, (socket: TLSSocket) =>
    socket.end(String(socket.getPeerCertificate().subject.CN)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ ...identity, host: '127.0.0.1', port })
  const said: Buffer[] = []
  for await (const chunk of socket) said.push(chunk)
  assert.equal(Buffer.concat(said).toString(), 'sp-tsm')
  assert.ok(socket.authorized)
  server.close()
})
