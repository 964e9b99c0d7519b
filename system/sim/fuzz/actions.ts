/** What the fuzzer does: data that can be done again, alone or in another order, so that a failure can be made small. */
import type { SecurityLevel } from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import type { Chaining } from '@mobile-jpki/ota'

export type Action =
  | { readonly kind: 'reset' }
  /** As it is, on whatever channel it names. */
  | { readonly kind: 'raw'; readonly octets: Uint8Array }
  /** SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE; with a flaw the last one must fail, or does not come. */
  | {
      readonly kind: 'open'
      readonly channel: number
      /** Which key set of which domain: an index into what the card was made with. */
      readonly door: number
      readonly level: SecurityLevel
      readonly flaw?: 'cryptogram' | 'unfinished' | undefined
    }
  /** Through the session of the channel; tampered with after wrapping, or not. */
  | {
      readonly kind: 'through'
      readonly channel: number
      readonly apdu: CommandApdu
      readonly tamper?: Tamper | undefined
    }
  /** Two commands, wrapped in this order, sent in the other. */
  | { readonly kind: 'swapped'; readonly channel: number; readonly first: CommandApdu; readonly second: CommandApdu }
  /** A script over the air for the issuer security domain; its counter is `ago` lower than it must be. */
  | {
      readonly kind: 'air'
      readonly apdus: readonly CommandApdu[]
      readonly length: 'definite' | 'indefinite'
      readonly chaining?: Chaining | undefined
      readonly tamper?: Tamper | undefined
      readonly ago: number
    }
  /** Octets that were sent so many commands ago. */
  | { readonly kind: 'replayed'; readonly ago: number }

export type Tamper =
  /** `at` is a part of the length, 0 to 1. */
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'longer'; readonly octets: Uint8Array }

export function tampered(octets: Uint8Array, tamper: Tamper): Uint8Array {
  const at = tamper.kind === 'longer' ? 0 : Math.floor(tamper.at * octets.length)
  switch (tamper.kind) {
    case 'flip':
      return octets.map((octet, index) => (index === at ? octet ^ tamper.mask : octet))
    case 'cut':
      return octets.slice(0, at)
    case 'longer':
      return Uint8Array.of(...octets, ...tamper.octets)
  }
}
