/** What may stand in a Name and in a GeneralName. RFC 5280 §4.1.2.4, §4.2.1.6, §7.2, Appendix A.1. */

import type { GeneralName, GeneralNames } from '../general-name.ts'
import { type AttributeTypeAndValue, attributeTypes, type Name } from '../name.ts'

/** Upper bounds of Appendix A.1, in characters, and the string types that each attribute may have. */
const bounds: ReadonlyMap<string, { readonly most: number; readonly kinds: readonly string[] }> = new Map(
  (
    [
      ['CN', 64],
      ['serialNumber', 64],
      ['C', 2],
      ['L', 128],
      ['ST', 128],
      ['O', 64],
      ['OU', 64],
      ['DC', 63],
      ['emailAddress', 255],
    ] as const
  ).map(([name, most]) => {
    const { id, kind } = attributeTypes[name]
    // DirectoryString is one of two; what is one type by definition is that type (Appendix A.1).
    return [id, { most, kinds: kind === 'utf8String' ? ['utf8String', 'printableString'] : [kind] }]
  }),
)

function attributeFault({ type, value }: AttributeTypeAndValue): string | undefined {
  const bound = bounds.get(type)
  if (bound === undefined) return undefined
  if (!bound.kinds.includes(value.kind)) return `has ${type} as ${value.kind}, not as ${bound.kinds.join(' or ')}`
  const length = value.value.length
  if (length === 0) return `has an empty ${type}`
  // UTF-16 units are at least as many as characters.
  if (length > bound.most && [...String(value.value)].length > bound.most)
    return `has more than ${bound.most} characters in ${type}`
  if (type === attributeTypes.C.id && length !== 2) return 'has a country that is not two letters (ISO 3166)'
  return undefined
}

export function nameFault(name: Name): string | undefined {
  for (const rdn of name)
    for (const attribute of rdn) {
      const fault = attributeFault(attribute)
      if (fault !== undefined) return fault
    }
  return undefined
}

const hostName =
  /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** §4.2.1.6: an absolute URI, with a scheme and something after it. */
export const isUri = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/.test(text)
export const isHttpUri = (text: string): boolean => /^https?:\/\/[^/?#\s]+/.test(text) && isUri(text)

function generalNameFault({ kind, value }: GeneralName): string | undefined {
  switch (kind) {
    case 'directoryName':
      return value.length === 0 ? 'has an empty directoryName' : nameFault(value)
    case 'uniformResourceIdentifier':
      return isUri(value) ? undefined : `has ${JSON.stringify(value)}, which is not an absolute URI`
    case 'dNSName':
      return hostName.test(value.replace(/^\*\./, '')) ? undefined : `has ${JSON.stringify(value)}, which names no host`
    case 'rfc822Name':
      return /^[^\s@<>]+@[^\s@<>]+$/.test(value) ? undefined : `has ${JSON.stringify(value)}, which is not a mailbox`
    case 'iPAddress':
      return value.length === 4 || value.length === 16 ? undefined : 'has an IP address that is not of 4 or 16 octets'
    default:
      return undefined
  }
}

export function generalNamesFault(names: GeneralNames): string | undefined {
  for (const name of names) {
    const fault = generalNameFault(name)
    if (fault !== undefined) return fault
  }
  return undefined
}
