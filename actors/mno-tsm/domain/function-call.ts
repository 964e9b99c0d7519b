/** Function calls that were executed, by caller and id, so that the same one is answered alike. System Messaging: base request. */
export interface KeptCall {
  readonly caller: string
  readonly id: string
  /** SHA-256 over function and request, in hexadecimal: the same id cannot stand for something else. */
  readonly fingerprint: string
  /** Sealed: an answer may hold what nobody else should read. */
  readonly answer: Uint8Array
  readonly keptUntil: Date
}

export interface FunctionCalls {
  find(caller: string, id: string): Promise<KeptCall | undefined>
  keep(call: KeptCall): Promise<void>
  /** At most so many of those that need not be kept any more. */
  forget(now: Date, atMost: number): Promise<void>
}
