/** What differs from one SIM type to the next, as it lies in the card's memory. */
import type { Nvm } from '@mobile-jpki/nvm'
import { byte, type Codec, mapped, octets, optional, required, template, unsigned, utf8 } from '@mobile-jpki/tlv'
import type { SimProfile } from '../contract.ts'

const yesOrNo: Codec<boolean> = mapped(
  byte,
  (octet) => octet !== 0,
  (yes) => (yes ? 1 : 0),
)

const Profile = template({
  name: required(0x80, utf8({ max: 64 })),
  atr: required(0x81, octets({ min: 2, max: 33 })),
  nvmSize: required(0x82, unsigned(4)),
  ramSize: required(0x83, unsigned(4)),
  minimumLevel: required(0x84, byte),
  highestChannel: required(0x85, byte),
  largestData: optional(0x86, unsigned(2)),
  rsaBits: optional(0x87, unsigned(2)),
  rsaGeneration: optional(0x88, yesOrNo),
  javaCard: optional(0x89, utf8({ max: 16 })),
  leastSecurity: optional(0x8a, byte),
})

/** A UICC: T=0 and T=1, card capabilities (3F), no proprietary history. ISO/IEC 7816-3 §8, TS 102 221 §6.3. */
const defaults: SimProfile = {
  name: 'UICC',
  atr: Uint8Array.fromHex('3B9F96801FC78031A073BE21136743200718000001A5'),
  nvmSize: 0x80000,
  ramSize: 0x2000,
  minimumLevel: 0x01,
  // Cryptographic checksum, and a counter that is higher than the last.
  leastSecurity: 0x12,
  highestChannel: 3,
  largestData: 0xff,
  rsaBits: 4096,
  rsaGeneration: true,
  javaCard: '3.0.4',
}

const place = 'card/profile'

export const keepProfile = (nvm: Nvm, profile: Partial<SimProfile>): void =>
  nvm.set(place, Profile.encode({ ...defaults, ...profile }))

export const profileIn = (nvm: Nvm): SimProfile => {
  const stored = nvm.get(place)
  return stored === undefined ? defaults : { ...defaults, ...Profile.decode(stored) }
}
