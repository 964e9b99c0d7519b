/**
 * The keys that the maker of a SIM hands to its carrier: secrets, for the eyes of the tools that play the carrier. The file
 * that holds them belongs to one SIM; master keys, from which many SIMs' keys follow, stand in a file of their own.
 */
import { z } from 'zod'

const Hex = z.string().regex(/^(?:[0-9A-F]{2})+$/, 'write octets in upper-case hexadecimal')
const Key = z.strictObject({ key: Hex, checkValue: Hex })

export const IssuerKeys = z.strictObject({
  secret: z.literal('The issuer keys of one SIM. Whoever has them can load, delete and lock in it.'),
  iccid: z.string(),
  simType: z.string(),
  /** The first ten octets of its answer to INITIALIZE UPDATE. */
  keyDiversificationData: Hex,
  keySets: z.array(
    z.strictObject({
      securityDomain: Hex,
      scp: z.literal([2, 3]),
      i: Hex,
      keyVersion: Hex,
      enc: Key,
      mac: Key,
      dek: Key,
    }),
  ),
  /** Signs the tokens of delegated management; the card has the public key under this version. GPCS §C.4. */
  tokenKey: z.strictObject({ keyVersion: Hex, algorithm: z.string(), privateKey: z.string() }).optional(),
  /** Under which the card gives its receipts. GPCS §C.5. */
  receiptKey: Key.extend({ keyVersion: Hex, algorithm: z.string() }).optional(),
  /** Signs load files. GPCS §C.3. */
  dapKey: z
    .strictObject({ securityDomain: Hex, keyVersion: Hex, algorithm: z.string(), privateKey: z.string() })
    .optional(),
  /** SCP80: short messages of the carrier. ETSI TS 102 225. */
  overTheAirKeys: z.strictObject({ keyVersion: Hex, kic: Key, kid: Key, dek: Key }).optional(),
  /** SCP81: by it the card and the carrier's server know each other. GPCS Amendment B. */
  preSharedKey: z.strictObject({ keyVersion: Hex, identity: z.string(), key: Hex, dek: Key }).optional(),
})
export type IssuerKeys = z.output<typeof IssuerKeys>
