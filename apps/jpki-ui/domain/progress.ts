/** How far a download is: the step of the ministry's paper, and how much of all of it is done. */
import type { Progress } from './download.ts'

/** ⑫ to ⑱ in the order in which a person sees them. */
export const downloadSteps = ['authenticated', 'deployment', 'applet', 'certificate', 'pin', 'proof'] as const
export type DownloadStep = (typeof downloadSteps)[number]

/** Which of the steps is under way; the number of steps where all are done. */
export function placeOf({ state, apdus, pin }: Progress): number {
  if (state === 'active') return downloadSteps.length
  if (state === 'delivered') return 5
  if (pin !== 'later') return 4
  if (state === 'appletInstalled') return 3
  return apdus === 0 ? 1 : 2
}

/** How much of the whole each step is, in percent: the octets that go into the SIM are most of it. */
const shares: Readonly<Record<DownloadStep, number>> = {
  authenticated: 5,
  deployment: 5,
  applet: 55,
  certificate: 10,
  pin: 20,
  proof: 5,
}

/** Channels are opened by a list of some hundred octets; the ones that write have thousands. */
const writingFrom = 1000

/** Of the step under way: the part of its list of commands that is in the SIM. Over the air nobody counts them, and the steps alone tell. */
function partOf({ list }: Progress, step: DownloadStep): number {
  const writes = step === 'applet' ? '⑮' : step === 'pin' ? '⑱' : undefined
  if (list === undefined || list.step !== writes || list.octets < writingFrom) return 0
  return Math.min(list.carried / list.octets, 1)
}

/** Whole percent of what is done; 100 is kept for the end. */
export function percentOf(progress: Progress): number {
  const place = placeOf(progress)
  if (place === downloadSteps.length) return 100
  const before = downloadSteps.slice(0, place).reduce((sum, step) => sum + shares[step], 0)
  const step = downloadSteps[place]
  const within = step === undefined ? 0 : shares[step] * partOf(progress, step)
  return Math.min(Math.floor(before + within), 99)
}
