/** What the bearers need of the outside. */
import type { Bearer } from '../contract/carrier.ts'

export type AirBearer = Exclude<Bearer, 'agent'>
