/** The terminal's own certificate: fetched from the JPKI system, renewed before half of its days are over. docs/protocols/pin-less.md. */
import { cardDateOf, terminalCertificateIn, type terminalClient, terminalRenewalToSign } from '@mobile-jpki/jpki'
import { certifyTerminal } from '@mobile-jpki/jpki-system/contract'
import { plainEcdsaSignature } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'

export interface TerminalKeyWorld {
  readonly terminalId: string
  /** The key that the terminal was enrolled with: P-256, answering the DER form. */
  readonly signer: { sign(octets: Uint8Array): Promise<Uint8Array> | Uint8Array }
  /** Over mutual TLS, as `terminal`. */
  readonly jpkiSystem: Peer
  readonly now: () => Date
}

/** The certificate of today and its key. While the JPKI system cannot be reached, the last one serves to its end. */
export function terminalKey({ terminalId, signer, jpkiSystem, now }: TerminalKeyWorld) {
  const sign = async (message: Uint8Array) => plainEcdsaSignature(await signer.sign(message))
  let held: Uint8Array | undefined
  const renew = async (): Promise<Uint8Array> => {
    const madeAt = now()
    const signature = await sign(terminalRenewalToSign(terminalId, madeAt))
    const { certificate } = await call(jpkiSystem, certifyTerminal, { terminalId, madeAt, signature })
    held = certificate
    return certificate
  }
  return async (): Promise<terminalClient.TerminalKey> => {
    const age = held === undefined ? 'over' : ageOf(held, now())
    if (held !== undefined && age === 'young') return { certificate: held, sign }
    try {
      return { certificate: await renew(), sign }
    } catch (error) {
      const isAway = error instanceof Refusal && (error.code === 'peer.unreachable' || error.code === 'peer.failed')
      if (held !== undefined && age === 'old' && isAway) return { certificate: held, sign }
      throw error
    }
  }
}

const dayOf = (date: string): number =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)))

function ageOf(certificate: Uint8Array, at: Date): 'young' | 'old' | 'over' {
  const fields = terminalCertificateIn(certificate)
  if (fields === undefined || cardDateOf(at) > fields.expirationDate) return 'over'
  const [from, to] = [dayOf(fields.effectiveDate), dayOf(fields.expirationDate)]
  return at.getTime() < (from + to) / 2 ? 'young' : 'old'
}
