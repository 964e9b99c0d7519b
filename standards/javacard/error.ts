/** What can be wrong with a CAP file, Java Card Virtual Machine Specification v2.2.2, chapter 6. */
export const capFaults = {
  truncated: 'The octets end inside a structure.',
  surplus: 'Octets are left over behind a structure.',
  magic: 'The Header component does not begin with DECAFFED.',
  version: 'This version of the CAP format is not known here.',
  aid: 'An AID has 5 to 16 octets.',
  order: 'The components do not stand in load order.',
  missing: 'A component that must be there is missing.',
  duplicate: 'A component is there twice.',
  unknown: 'There is no component of this tag.',
  size: 'The Directory component says another size or count.',
  range: 'A value does not fit its field.',
} as const
export type CapFault = keyof typeof capFaults

export class CapError extends Error {
  override readonly name = 'CapError'
  readonly fault: CapFault

  constructor(fault: CapFault, detail: string) {
    super(`${detail}: ${capFaults[fault]}`)
    this.fault = fault
  }
}
