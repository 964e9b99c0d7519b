/** How MNO-TSM secures what it sends to a SIM, and what it asks of the proof: as much as the protocol has. ETSI TS 102 225 §5.1.1. */
import { issuerSecurityDomain, spSecurityDomain, spSecurityDomainTar } from '@mobile-jpki/jpki'
import { type CommandHeader, tars } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import type { OverTheAirKeys } from '../../domain/world.ts'

/**
 * Checksum, ciphering and a counter that must be higher: a lost packet stops nothing, an old one does nothing. The proof comes in
 * the delivery report, and by a message of its own where it is too long for that.
 */
export function commandHeader({ type, keyVersion, kic }: OverTheAirKeys, tar: Uint8Array): CommandHeader {
  const algorithm = type === 'AES' ? 'aes' : kic.length === 24 ? 'tripleDes3' : 'tripleDes2'
  return {
    spi: {
      integrity: 'CC',
      ciphered: true,
      counter: 'higher',
      proof: 'always',
      proofIntegrity: 'CC',
      proofCiphered: true,
      proofBy: 'deliverReport',
    },
    kic: { keyVersion, algorithm },
    kid: { keyVersion, algorithm },
    tar,
  }
}

const domains: readonly { readonly aid: Uint8Array; readonly tar: Uint8Array }[] = [
  { aid: issuerSecurityDomain, tar: tars.issuerSecurityDomain },
  { aid: spSecurityDomain, tar: spSecurityDomainTar },
]

/** Short messages address a security domain by its TAR; what has none is out of their reach. */
export function tarOf(aid: Uint8Array): Uint8Array {
  const domain = domains.find((one) => one.aid.toHex() === aid.toHex())
  if (domain !== undefined) return domain.tar
  throw new Refusal('not-supported', `${aid.toHex().toUpperCase()} has no TAR: short messages do not reach it.`)
}
