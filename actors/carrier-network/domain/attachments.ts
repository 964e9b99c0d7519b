/** The phones that are switched on, each with one SIM: who waits for messages, and who waits no more. */
import { Refusal } from '@mobile-jpki/refusal'

export interface Attachments {
  /** The SIM's earlier attachment ends. */
  attach(iccid: string): string
  detach(attachment: string): void
  /** The SIM behind it. */
  simOf(attachment: string): string
  isAttached(attachment: string): boolean
}

export function attachments(newId: () => string): Attachments {
  const simBy = new Map<string, string>()
  const present = new Map<string, string>()
  return {
    attach: (iccid) => {
      const attachment = newId()
      const earlier = present.get(iccid)
      if (earlier !== undefined) simBy.delete(earlier)
      present.set(iccid, attachment)
      simBy.set(attachment, iccid)
      return attachment
    },
    detach: (attachment) => {
      const iccid = simBy.get(attachment)
      if (iccid === undefined) return
      simBy.delete(attachment)
      present.delete(iccid)
    },
    simOf: (attachment) => {
      const iccid = simBy.get(attachment)
      if (iccid === undefined) throw new Refusal('conditions.not-satisfied', 'The phone is not attached: attach again.')
      return iccid
    },
    isAttached: (attachment) => simBy.has(attachment),
  }
}
