/** Fictional phones: one that its maker sells, and some that carriers sell, with a SIM lock and without. Study item (1)②. */
import type { SupportedDevice } from '@mobile-jpki/mno-tsm/contract'
import type { z } from 'zod'

type Device = z.input<typeof SupportedDevice>

const soldByItsMaker: Device = { model: 'Sample Phone 16', os: 'Android', minimumVersion: 10 }
const lockedToA: Device = {
  model: 'Sample Phone 15 A',
  os: 'Android',
  minimumVersion: 10,
  seller: 'carrier-a',
  simLock: true,
}
const lockedToB: Device = {
  model: 'Sample Phone 15 B',
  os: 'Android',
  minimumVersion: 10,
  seller: 'carrier-b',
  simLock: true,
}
const unlockedOfB: Device = { model: 'Sample Phone 16 B', os: 'Android', minimumVersion: 11, seller: 'carrier-b' }

/** What each carrier has tested with its SIMs, phones of others included. */
export const devices = {
  a: [soldByItsMaker, lockedToA, lockedToB, unlockedOfB],
  b: [soldByItsMaker, lockedToA, lockedToB, unlockedOfB],
  c: [soldByItsMaker, unlockedOfB],
}
