/**
 * By which name a service knows a person: a subject of its own sector, made of the account (OpenID Connect Core §8.1). The account is the serial
 * number of the person's first auth certificate, so it stays through renewals, and is the same for card and phone.
 */

/** Which account a subject is: a service may ask for a person by the subject that it knows. */
export interface Subjects {
  find(subject: string): Promise<string | undefined>
  keep(subject: string, account: string): Promise<void>
}

export interface SubjectWorld {
  readonly subjects: Subjects
  /** HMAC under a key that never leaves the keyring. */
  readonly mac: (octets: Uint8Array) => Promise<Uint8Array>
}

/** Cannot be led back to the account, nor compared between sectors. Neither part holds an octet 00. */
export async function subjectOf({ subjects, mac }: SubjectWorld, account: string, sector: string): Promise<string> {
  const octets = await mac(new TextEncoder().encode(`${sector}\0${account}`))
  const subject = octets.toBase64({ alphabet: 'base64url', omitPadding: true })
  await subjects.keep(subject, account)
  return subject
}
