/** Starts the OpenID provider: the only file of this house that reads configuration and opens sockets. */
import { z } from 'zod'
import { Client } from './contract.ts'

const Certificates = z.array(z.base64().transform((text) => Uint8Array.fromBase64(text))).min(1)

export const Configuration = z.strictObject({
  /** Keys, and the database unless `databaseUrl` names another. */
  dataDirectory: z.string(),
  /** `postgres://…`; a SQLite file in the data directory if not said. */
  databaseUrl: z.string().optional(),
  /** Plain HTTP on this machine; in the open a TLS terminator stands before it, and `issuer` is what services and browsers see. */
  port: z.int().min(0).max(65535),
  issuer: z.string().refine((text) => URL.parse(text)?.origin === text, 'must be an origin as browsers write it'),
  /** TLS, for logins with a card reader; nobody listens if not said. `origin` is what browsers see of it. */
  card: z.strictObject({ port: z.int().min(0).max(65535), origin: z.url() }).optional(),
  /** Shown to the person in the app, beside the origin. */
  name: z.string().default('公的個人認証ログイン'),
  /** Where the app is opened. */
  appUrl: z.url(),
  /** Asked who a certificate is that was not seen before. */
  jpkiSystem: z.url(),
  /** CA certificates (DER) of the auth CA, all generations. */
  authAuthorities: Certificates,
  clients: z.array(Client),
})
export type Configuration = z.input<typeof Configuration>
