/** The packages that a load file may lean on, as a card of this Java Card version has them. Java Card API Specification, export files. */

/** Minor version of the packages that grow with the platform, from this version of it on. */
const releases = [
  { since: [2, 1, 0], minor: 0 },
  { since: [2, 2, 0], minor: 2 },
  { since: [2, 2, 2], minor: 3 },
  { since: [3, 0, 1], minor: 4 },
  { since: [3, 0, 4], minor: 5 },
  { since: [3, 0, 5], minor: 6 },
  { since: [3, 1, 0], minor: 8 },
] as const

const growing = {
  'javacard.framework': 'a0000000620101',
  'javacard.security': 'a0000000620102',
  'javacardx.crypto': 'a0000000620201',
} as const

/** Major and minor version. */
const fixed: Readonly<Record<string, readonly [number, number]>> = {
  /** java.lang */
  a0000000620001: [1, 0],
  /** java.io */
  a0000000620002: [1, 0],
  /** java.rmi */
  a0000000620003: [1, 0],
  /** javacard.framework.service */
  a000000062010101: [1, 0],
  /** javacardx.framework.util */
  a000000062020801: [1, 0],
  /** javacardx.framework.math */
  a000000062020802: [1, 0],
  /** javacardx.framework.tlv */
  a000000062020803: [1, 0],
  /** javacardx.apdu */
  a0000000620209: [1, 0],
  /** org.globalplatform */
  a00000015100: [1, 6],
  /** uicc.access */
  a0000000090005ffffffff8911000000: [1, 5],
  /** uicc.toolkit */
  a0000000090005ffffffff8912000000: [1, 5],
}

/** Major and minor version of a package that comes with the card; undefined where it has none of this AID. */
export function platformVersion(aid: Uint8Array, javaCard: string): readonly [number, number] | undefined {
  const name = aid.toHex()
  if (!Object.values<string>(growing).includes(name)) return fixed[name]
  const present = javaCard.split('.').map(Number)
  const release = releases.findLast(({ since }) => !isOlder(present, since))
  return release && [1, release.minor]
}

function isOlder(present: readonly number[], since: readonly number[]): boolean {
  const at = since.findIndex((number, index) => number !== (present[index] ?? 0))
  return at >= 0 && (present[at] ?? 0) < (since[at] ?? 0)
}
