/** Every way to download that the carriers' SIM types offer: type × bearer × where the key is made. */
import { type NamedSimType, simTypes } from '../../carriers/carriers.ts'

export const bearers = ['agent', 'scp80', 'scp81'] as const
export type Bearer = (typeof bearers)[number]
export const keyModes = ['central', 'on-card'] as const
export type KeyMode = (typeof keyModes)[number]

export interface Cell {
  readonly simType: string
  readonly bearer: Bearer
  readonly keys: KeyMode
}

/** Which types may be asked for; those that cannot carry the function are refused when somebody applies, and have a row that says so. */
export const cellsOf = (wanted: { readonly sims: readonly string[]; readonly bearers: readonly Bearer[] }): Cell[] =>
  wanted.bearers.flatMap((bearer) =>
    simTypes
      .filter(({ name, type }) => wanted.sims.includes(name) && type.bearers.includes(bearer))
      .flatMap((one) => modesOf(one).map((keys) => ({ simType: one.name, bearer, keys }))),
  )

/** A key that was made in the card is worth something where a CASD vouches for it. */
const modesOf = ({ type }: NamedSimType): readonly KeyMode[] =>
  type.rsa.generation && type.controllingAuthority ? keyModes : ['central']
