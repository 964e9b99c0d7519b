/** A session as octets: what a TSM lays by between two messages. GPCS v2.3.1 §10 names no form; this one is ours. */
import { byte, type Codec, mapped, octets, required, secret, TlvError, template, tlv, unsigned } from '@mobile-jpki/tlv'
import { isSecurityLevel, type SecurityLevel } from './secure-channel.ts'
import type { SecureChannelSession } from './session.ts'

const key = secret(octets({ min: 16, max: 32 }))
const SecurityLevelOctet: Codec<SecurityLevel> = mapped(
  byte,
  (value) => {
    if (!isSecurityLevel(value)) throw new TlvError(`${value} is no security level`)
    return value
  },
  (value: SecurityLevel) => value,
)
const shared = {
  i: required(0x80, byte),
  level: required(0x81, SecurityLevelOctet),
  keyVersion: required(0x82, byte),
  sEnc: required(0x83, key),
  sMac: required(0x84, key),
  sRmac: required(0x85, key),
  dek: required(0x86, key),
}
const Scp02State = template({
  ...shared,
  icv: required(0x87, octets(8)),
  responseIcv: required(0x88, octets(8)),
  pendingCommand: required(0x89, octets()),
})
const Scp03State = template({
  ...shared,
  size: required(0x87, unsigned(1)),
  macChaining: required(0x88, octets(16)),
  counter: required(0x89, unsigned(4)),
})

/** A session as octets, so that a TSM can lay it by, encrypted, between two messages. It holds session keys. */
export const SessionState: Codec<SecureChannelSession> = secret({
  encode: (session: SecureChannelSession) =>
    session.protocol === '02' ? tlv(0xa2, Scp02State).encode(session) : tlv(0xa3, Scp03State).encode(session),
  decode: (state: Uint8Array): SecureChannelSession =>
    state[0] === 0xa2
      ? { state: 'authenticated', protocol: '02', ...tlv(0xa2, Scp02State).decode(state) }
      : { state: 'authenticated', protocol: '03', ...tlv(0xa3, Scp03State).decode(state) },
})
