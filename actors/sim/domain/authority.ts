/** The controlling authority security domain (CASD): vouches for what happens in this card. GPCS Amendment A §3.1. */
import type { Nvm } from '@mobile-jpki/nvm'
import { CardRefusal } from './rules.ts'
import { type Asked, answer } from './state.ts'

const places = { privateKey: 'card/casd/private-key', certificate: 'card/casd/certificate' } as const

export interface ControllingAuthority {
  readonly privateKey: Uint8Array
  readonly certificate: Uint8Array
}

export function controllingAuthority(nvm: Nvm): ControllingAuthority | undefined {
  const privateKey = nvm.get(places.privateKey)
  const certificate = nvm.get(places.certificate)
  return privateKey && certificate && { privateKey, certificate }
}

export function keepControllingAuthority(nvm: Nvm, { privateKey, certificate }: ControllingAuthority): void {
  nvm.set(places.privateKey, privateKey)
  nvm.set(places.certificate, certificate)
}

/** With the CASD selected: GET DATA 7F21, its certificate. */
export function askAuthority({ card, apdu: { cla, ins, p1, p2 } }: Asked) {
  if ((cla & 0x7c) !== 0) throw new CardRefusal('apdu.class')
  if (ins !== 0xca) throw new CardRefusal('apdu.instruction')
  const certificate = controllingAuthority(card.nvm)?.certificate
  if (p1 !== 0x7f || p2 !== 0x21 || certificate === undefined) throw new CardRefusal('data.none')
  return answer(certificate)
}
