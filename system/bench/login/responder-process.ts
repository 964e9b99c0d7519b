/** The JPKI system's part in a process of its own: an RSA-2048 CA as the town has it, its responder and list, and phones that it certified. */
import { generateKeyPairSync } from 'node:crypto'
import { keySigner } from '@mobile-jpki/pkix/crypto'
import { openTestAuthority } from '@mobile-jpki/verification/test-authority'
import { given, say } from '../processes.ts'

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

const { phones, revoked } = await given<{ phones: number; revoked: number }>()
const authority = await openTestAuthority('auth', () => new Date(), keySigner(rsa()))
const revokedAt = new Date(Math.floor(Date.now() / 1000) * 1000)
for (let at = 0; at < revoked; at++)
  authority.statuses.set((0x4000_0000_0000_0000n + BigInt(at)).toString(16), {
    status: 'revoked',
    revokedAt,
    reason: 'superseded',
  })
const list = await authority.issueList()
authority.list((reply) => void reply.writeHead(200).end(list))

const holders = []
for (let at = 0; at < phones; at++) {
  const key = rsa()
  const { der, certificate } = await authority.issue('phoneAuth', { publicKey: keySigner(key).publicKey })
  // Without the responder's address nothing is left but the list.
  const withoutResponder = certificate.extensions.filter(({ extnID }) => extnID !== '1.3.6.1.5.5.7.1.1')
  const listed = await authority.issue('phoneAuth', {
    publicKey: keySigner(key).publicKey,
    extensions: withoutResponder,
  })
  holders.push({
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    certificate: der.toBase64(),
    listed: listed.der.toBase64(),
  })
}
say({ anchor: authority.certificate.der.toBase64(), holders, listOctets: list.length })
