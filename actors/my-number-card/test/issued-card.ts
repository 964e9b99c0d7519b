/** A personalised card for the tests, made once a process; each test gets its own copy of the memory. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { authorityName, type CertificateUse, certificateUses, contentsOf, profiles } from '@mobile-jpki/jpki'
import { memoryNvm, type NvmOptions } from '@mobile-jpki/nvm'
import { issueCertificate, keyIdentifier, keySigner } from '@mobile-jpki/pkix/crypto'
import { openMyNumberCard, type PublicKeys, personalise, putCertificates } from '../index.ts'

export const pins = { auth: '1234', sign: 'ABC123' } as const
export const world = { random: (length: number) => new Uint8Array(randomBytes(length)) }

const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
const fourItems = { name: '山田　花子', address: '東京都清瀬市', birthDate: '1990-02-17', gender: 'female' } as const

const validity = () => ({
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 86_400_000),
})

export interface TestAuthority {
  issue(use: CertificateUse, publicKey: Uint8Array): Promise<{ certificate: Uint8Array; caCertificate: Uint8Array }>
}

export async function testAuthority(): Promise<TestAuthority> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signer = keySigner(privateKey)
  const own = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  return {
    issue: async (use, holderKey) => {
      const issuer = authorityName(use)
      const terms = {
        identifier: '997794E9AGCIEG13221003A',
        municipality,
        subjectKeyIdentifier: keyIdentifier(holderKey),
        authorityKeyIdentifier: keyIdentifier(own),
        locations: { crl: 'http://ca.example/crl', ocsp: 'http://ca.example/ocsp', caIssuers: 'http://ca.example/cer' },
      }
      const caCertificate = await issueCertificate(
        {
          serialNumber: '01',
          issuer,
          publicKey: own,
          ...contentsOf(profiles.authority[use], { subjectKeyIdentifier: keyIdentifier(own) }),
          ...validity(),
        },
        signer,
      )
      const certificate = await issueCertificate(
        {
          serialNumber: '0132c349',
          issuer,
          publicKey: holderKey,
          ...(use === 'sign' ? contentsOf(profiles.sign, { ...terms, fourItems }) : contentsOf(profiles.auth, terms)),
          ...validity(),
        },
        signer,
      )
      return { certificate, caCertificate }
    },
  }
}

const image = new Map<string, Uint8Array>()
export const authority = await testAuthority()
export const publicKeys: PublicKeys = await personalise(
  memoryNvm({ image }),
  { serialNumber: '13221000001', pins },
  world,
)
for (const use of certificateUses)
  putCertificates(memoryNvm({ image }), use, await authority.issue(use, publicKeys[use] ?? new Uint8Array()))

/** A card of its own for one test, with what lies under it. */
export function issuedCard(options: NvmOptions = {}) {
  const mine = new Map(image)
  const nvm = memoryNvm({ image: mine, ...options })
  const card = openMyNumberCard(nvm, world)
  const send = async (hex: string) => (await card.transmit(Uint8Array.fromHex(hex))).toHex().toUpperCase()
  return { image: mine, nvm, card, send }
}

export const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()
