/**
 * PIN and password with their retry counters. The counter goes down, and lastingly so, before the comparison: whoever
 * cuts the power to hide a wrong try has spent it. ISO/IEC 7816-4:2020 §9.3.1.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type CertificateUse, pinRules } from '@mobile-jpki/jpki'
import type { Nvm } from '@mobile-jpki/nvm'
import { cell } from './memory.ts'

const saltLength = 16

const hashOf = (salt: Uint8Array, pin: Uint8Array): Uint8Array => createHash('sha256').update(salt).update(pin).digest()

/** Stores a new PIN with all its tries, in the running command's transaction. */
export function setPin(nvm: Nvm, use: CertificateUse, pin: Uint8Array, random: (length: number) => Uint8Array): void {
  const salt = random(saltLength)
  nvm.set(cell.pin(use), Uint8Array.of(...salt, ...hashOf(salt, pin)))
  nvm.set(cell.tries(use), Uint8Array.of(pinRules[use].tries))
}

/** A PIN that was never set has no tries. */
export const triesLeft = (nvm: Nvm, use: CertificateUse): number => nvm.get(cell.tries(use))?.[0] ?? 0

export type Verification =
  | { readonly outcome: 'right' }
  | { readonly outcome: 'wrong'; readonly triesLeft: number }
  | { readonly outcome: 'blocked' }

export function verifyPin(nvm: Nvm, use: CertificateUse, pin: Uint8Array): Verification {
  const before = triesLeft(nvm, use)
  const stored = nvm.get(cell.pin(use))
  if (before === 0 || stored === undefined) return { outcome: 'blocked' }
  const left = before - 1
  nvm.set(cell.tries(use), Uint8Array.of(left))
  nvm.commitNow(cell.tries(use))
  if (!timingSafeEqual(hashOf(stored.subarray(0, saltLength), pin), stored.subarray(saltLength)))
    return { outcome: 'wrong', triesLeft: left }
  nvm.set(cell.tries(use), Uint8Array.of(pinRules[use].tries))
  nvm.commitNow(cell.tries(use))
  return { outcome: 'right' }
}
