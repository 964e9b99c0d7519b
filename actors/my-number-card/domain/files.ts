/** The elementary files of the card's JPKI application: what is in each, and what it takes to read it. */
import {
  type CertificateUse,
  certificateUses,
  elementaryFiles,
  TokenInformation,
  tokenInformationOf,
  useFiles,
} from '@mobile-jpki/jpki'
import type { Nvm } from '@mobile-jpki/nvm'
import { cell } from './memory.ts'

export type File =
  | { readonly kind: 'readable'; readonly content: Uint8Array; readonly condition?: CertificateUse }
  | { readonly kind: 'pin'; readonly use: CertificateUse }
  | { readonly kind: 'key'; readonly use: CertificateUse }

const readable = (content: Uint8Array | undefined, condition?: CertificateUse): File | undefined =>
  content && { kind: 'readable', content, ...(condition && { condition }) }

const present = (nvm: Nvm, use: CertificateUse): number => (nvm.get(cell.certificate(use)) === undefined ? 0x00 : 0x8f)

/** The file by that identifier; undefined where this card has none. */
export function fileOf(nvm: Nvm, id: number): File | undefined {
  for (const use of certificateUses) {
    const files = useFiles[use]
    // 利用者証明用電子証明書 tells nothing personal and is free; 署名用 carries name and address.
    if (id === files.certificate) return readable(nvm.get(cell.certificate(use)), use === 'sign' ? use : undefined)
    if (id === files.caCertificate) return readable(nvm.get(cell.caCertificate(use)))
    if (id === files.pin) return { kind: 'pin', use }
    if (id === files.privateKey) return nvm.get(cell.privateKey(use)) && { kind: 'key', use }
  }
  if (id === elementaryFiles.tokenInformation) {
    const serialNumber = new TextDecoder().decode(nvm.get(cell.serialNumber))
    return readable(TokenInformation.encode(tokenInformationOf('myNumberCard', serialNumber)))
  }
  if (id === elementaryFiles.certificatesPresent)
    return readable(Uint8Array.of(present(nvm, 'sign'), present(nvm, 'auth'), 0x00))
  return undefined
}
