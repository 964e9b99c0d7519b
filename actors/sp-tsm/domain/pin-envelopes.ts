/** The PIN passes SP-TSM sealed: a stage waits for the envelope, the app brings it. Neither outlives the stage, so memory will do. */
import { Refusal } from '@mobile-jpki/refusal'

export interface PinWanted {
  /** Answer to DGI '0E02': the app seals for the key that it attests. */
  readonly attestation: Uint8Array
  readonly instanceAid: Uint8Array
}

export interface PinEnvelopes {
  /** Resolves with the envelope. Nothing is wanted any more once `signal` is aborted: the next stage makes another envelope key. */
  want(orderId: string, wanted: PinWanted, signal: AbortSignal): Promise<Uint8Array>
  wanted(orderId: string): PinWanted | undefined
  give(orderId: string, envelope: Uint8Array): void
}

export function pinEnvelopes(): PinEnvelopes {
  const waiting = new Map<string, { readonly wanted: PinWanted; readonly resolve: (envelope: Uint8Array) => void }>()
  return {
    want: (orderId, wanted, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return
        const one = { wanted, resolve }
        waiting.set(orderId, one)
        const forget = () => {
          if (waiting.get(orderId) === one) waiting.delete(orderId)
        }
        signal.addEventListener('abort', forget, { once: true })
      }),
    wanted: (orderId) => waiting.get(orderId)?.wanted,
    give: (orderId, envelope) => {
      const found = waiting.get(orderId)
      if (found === undefined) throw new Refusal('conditions.not-satisfied', 'No PIN is wanted just now.')
      waiting.delete(orderId)
      found.resolve(envelope)
    },
  }
}
