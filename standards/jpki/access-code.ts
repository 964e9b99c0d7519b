/** Access code (アクセスコード, steps ④ ⑪ ⑬): ten octets in Crockford's base 32 with its check symbol, docs/protocols/access-code.md. */

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Values 32–36 stand only in the check place. */
const checks = `${digits}*~$=U`

const checkOf = (value: bigint): string => checks.charAt(Number(value % 37n))

export class AccessCodeError extends Error {
  override readonly name = 'AccessCodeError'
}

/** `XXXX-XXXX-XXXX-XXXX-C` for 80 random bits. */
export function formatAccessCode(random: Uint8Array): string {
  if (random.length !== 10) throw new RangeError('an access code is made from ten octets')
  const value = BigInt(`0x${random.toHex()}`)
  let text = ''
  for (let shift = 75n; shift >= 0n; shift -= 5n) text += digits.charAt(Number((value >> shift) & 31n))
  return `${text.match(/.{4}/g)?.join('-')}-${checkOf(value)}`
}

/**
 * The ten octets of a code as people type it: any case and width, with or without hyphens, O for 0, I and L for 1. The check symbol
 * finds every single wrong character and every two characters that changed places: 32 has order 36 modulo 37.
 */
export function parseAccessCode(text: string): Uint8Array {
  const typed = text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\p{Dash}ー]/gu, '')
  if (typed.length !== 17) throw new AccessCodeError('an access code has 17 characters')
  const payload = typed.slice(0, 16).replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  let value = 0n
  for (const character of payload) {
    const digit = digits.indexOf(character)
    if (digit < 0) throw new AccessCodeError('an access code has no such character')
    value = (value << 5n) | BigInt(digit)
  }
  const check = typed.charAt(16).replace('O', '0').replace(/[IL]/, '1')
  if (check !== checkOf(value)) throw new AccessCodeError('a character of the access code is mistyped')
  return Uint8Array.fromHex(value.toString(16).padStart(20, '0'))
}
