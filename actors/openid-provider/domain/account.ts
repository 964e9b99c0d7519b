/**
 * Who a certificate is, to the provider and to a service. The account is the serial number at the root of a person's auth certificates: it
 * stays through renewals, and is the same for card and phone. A service knows the person by a subject of its own sector (OpenID Connect Core §8.1).
 */

export interface Accounts {
  ofCertificate(serialNumber: string): Promise<string | undefined>
  /** Said again it changes nothing: a certificate is one person's. */
  rememberCertificate(serialNumber: string, account: string): Promise<void>
  ofSubject(subject: string): Promise<string | undefined>
  rememberSubject(subject: string, account: string): Promise<void>
}

export interface AccountWorld {
  readonly accounts: Accounts
  /** Asks the JPKI system; refused when it cannot be asked: no person gets a second account for that. */
  readonly rootOf: (serialNumber: string) => Promise<string>
  /** HMAC under a key that never leaves the keyring. */
  readonly mac: (octets: Uint8Array) => Promise<Uint8Array>
}

export async function accountOf({ accounts, rootOf }: AccountWorld, serialNumber: string): Promise<string> {
  const known = await accounts.ofCertificate(serialNumber)
  if (known !== undefined) return known
  const account = await rootOf(serialNumber)
  await accounts.rememberCertificate(serialNumber, account)
  return account
}

/** Cannot be led back to the account nor compared between sectors; neither name holds an octet 00. */
export async function subjectOf({ accounts, mac }: AccountWorld, account: string, sector: string): Promise<string> {
  const octets = await mac(new TextEncoder().encode(`${sector}\0${account}`))
  const subject = octets.toBase64({ alphabet: 'base64url', omitPadding: true })
  await accounts.rememberSubject(subject, account)
  return subject
}
