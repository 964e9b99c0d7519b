/** PUT KEY of a whole key set, and of keys that need more than one command. GPCS v2.3.1 §11.8. */
import { ApduError, type CommandApdu, SW } from '@mobile-jpki/iso7816'
import { concat } from '@mobile-jpki/tlv'
import { PutKey } from '../commands.ts'
import type { KeySet } from '../secure-channel.ts'
import type { KeyEncryption } from '../session.ts'
import type { SymmetricKeyType } from './check-value.ts'
import { wrapKey } from './key-wrap.ts'

export interface NewKeySet {
  readonly type: SymmetricKeyType
  readonly keys: KeySet
  readonly keyVersion: number
  /** Key version that the set replaces; 00 adds it. */
  readonly replaces?: number
}

/** The three secure channel keys under one key version, encrypted under the DEK of the session. Still to be protected by `wrap`. */
export const putKeySet = (session: KeyEncryption, set: NewKeySet): CommandApdu =>
  PutKey.toApdu({
    p1: set.replaces ?? 0x00,
    p2: { keyIdentifier: 1, several: true },
    data: {
      keyVersion: set.keyVersion,
      keys: [set.keys.enc, set.keys.mac, set.keys.dek].map((key) => wrapKey(session, set.type, key)),
    },
  })

/** Cuts a long, already protected PUT KEY into pieces: P1 b8 = 1 announces more. GPCS §11.8.2.1. INSTALL (§11.5.2.1) and DELETE (§11.2.2.1) go the same way. */
export function cutPutKey(apdu: CommandApdu): readonly CommandApdu[] {
  const count = Math.max(1, Math.ceil(apdu.data.length / 0xff))
  return Array.from({ length: count }, (_, at) => ({
    ...apdu,
    p1: at < count - 1 ? apdu.p1 | 0x80 : apdu.p1 & 0x7f,
    data: apdu.data.slice(at * 0xff, (at + 1) * 0xff),
  }))
}

/** Card: joins the pieces of a PUT KEY. Secure messaging covers the whole, hence comes after. GPCS §11.8.2.1. */
export function joinPutKey(
  before: CommandApdu | undefined,
  piece: CommandApdu,
): { readonly complete: boolean; readonly apdu: CommandApdu } {
  const continues =
    before !== undefined && before.ins === piece.ins && before.cla === piece.cla && before.p2 === piece.p2
  const data = continues ? concat(before.data, piece.data) : piece.data
  if (data.length > longestPutKey) throw new ApduError('PUT KEY is too long', SW.wrongLength)
  return { complete: (piece.p1 & 0x80) === 0, apdu: { ...piece, p1: piece.p1 & 0x7f, data } }
}

/** Far more than an RSA-4096 or an explicit-curve key takes, far less than a card's memory. */
const longestPutKey = 0x1000
