/** Whose account: a name that stays when the certificate is renewed, by the linkage of serial numbers. docs/protocols/certificates.md#linkage. */
import type { AccountUnknown } from './verdict.ts'

/** 新旧シリアル番号の紐付け, as the JPKI system tells it. */
export interface Linkage {
  /** The serial number of the person's first auth certificate. Throws when nobody says. */
  firstOf(serialNumber: string): Promise<string>
}

export interface Accounts {
  findAccount(serialNumber: string): Promise<string | undefined>
  keepAccount(serialNumber: string, account: string): Promise<void>
}

export interface AccountWorld {
  readonly store: Accounts
  /** Without it a renewed certificate is another account. */
  readonly linkage?: Linkage | undefined
}

/** Asked once for each certificate: whose it is does not change. */
export async function accountOf(
  { store, linkage }: AccountWorld,
  serialNumber: string,
): Promise<{ readonly state: 'known'; readonly account: string } | AccountUnknown> {
  if (linkage === undefined) return { state: 'known', account: serialNumber }
  const known = await store.findAccount(serialNumber)
  if (known !== undefined) return { state: 'known', account: known }
  try {
    const account = await linkage.firstOf(serialNumber)
    await store.keepAccount(serialNumber, account)
    return { state: 'known', account }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'The linkage service does not answer.'
    return { state: 'accountUnknown', why }
  }
}
