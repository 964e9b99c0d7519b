/**
 * Parts of a certificate, each declared for both ends: the builder makes it from the terms, the check judges what stands there.
 * RFC 5280 §4.1, §4.2.
 */
import { type DerCodec, equalOctets } from '@mobile-jpki/der'
import {
  type AttributeName,
  attributeTypes,
  type DistributionPoint,
  directoryNameOf,
  type Extension,
  type ExtensionType,
  extension,
  type GeneralName,
  type Name,
  nameOf,
  type ParsedCertificate,
  uriOf,
} from '@mobile-jpki/pkix'

export interface Part<Terms, Value> {
  of(terms: Terms): Value
  /** What is wrong with a value that stands there. */
  fault(value: Value): string | undefined
}

/** What is the same in every certificate. */
export const always = <Value>(wanted: Value, codec: DerCodec<Value>, what: string): Part<unknown, Value> => {
  const octets = codec.encode(wanted)
  return {
    of: () => wanted,
    fault: (value) => (equalOctets(codec.encode(value), octets) ? undefined : `is not ${what}`),
  }
}

/** A text that the terms give, and the form that it has. */
export const text = <Terms>(from: (terms: Terms) => string, form: RegExp, what: string): Part<Terms, string> => ({
  of: from,
  fault: (value) => (form.test(value) ? undefined : `has ${JSON.stringify(value)} where ${what} belongs`),
})

const literal = (wanted: string): Part<unknown, string> => ({
  of: () => wanted,
  fault: (value) =>
    value === wanted ? undefined : `has ${JSON.stringify(value)} instead of ${JSON.stringify(wanted)}`,
})

/** Single-valued RDNs in this order, each a text or a part. */
export function distinguishedName<Terms>(
  ...rows: readonly (readonly [AttributeName, string | Part<Terms, string>])[]
): Part<Terms, Name> {
  const parts = rows.map(([attribute, value]) => ({
    attribute,
    ...attributeTypes[attribute],
    part: typeof value === 'string' ? literal(value) : value,
    fixed: typeof value === 'string' ? nameOf([attribute, value])[0] : undefined,
  }))
  return {
    of: (terms) => parts.map(({ attribute, part, fixed }) => fixed ?? nameOf([attribute, part.of(terms)])[0] ?? []),
    fault: (name) => {
      if (name.length !== parts.length) return `has ${name.length} parts instead of ${parts.length}`
      for (const [index, { attribute, id, kind, part }] of parts.entries()) {
        const [found, ...others] = name[index] ?? []
        if (found?.type !== id || others.length > 0) return `has no ${attribute} at place ${index + 1}`
        if (found.value.kind !== kind || typeof found.value.value !== 'string') return `has ${attribute} not as ${kind}`
        const fault = part.fault(found.value.value)
        if (fault !== undefined) return `${fault} (${attribute})`
      }
      return undefined
    },
  }
}

export const directoryName = <Terms>(name: Part<Terms, Name>): Part<Terms, GeneralName> => ({
  of: (terms) => directoryNameOf(name.of(terms)),
  fault: ({ kind, value }) => (kind === 'directoryName' ? name.fault(value) : `has ${kind} instead of directoryName`),
})

export const uri = <Terms>(address: Part<Terms, string>): Part<Terms, GeneralName> => ({
  of: (terms) => uriOf(address.of(terms)),
  fault: ({ kind, value }) =>
    kind === 'uniformResourceIdentifier' ? address.fault(value) : `has ${kind} instead of a URI`,
})

/** So many members, each its own part. */
export const listed = <Terms, Member>(...parts: readonly Part<Terms, Member>[]): Part<Terms, readonly Member[]> => ({
  of: (terms) => parts.map((part) => part.of(terms)),
  fault: (members) => {
    if (members.length !== parts.length) return `has ${members.length} members instead of ${parts.length}`
    for (const [index, part] of parts.entries()) {
      const fault = part.fault(members[index] as Member)
      if (fault !== undefined) return fault
    }
    return undefined
  },
})

/** A distribution point for all reasons, of the CA's own, with all these names. */
export const distributionPoint = <Terms>(
  names: Part<Terms, readonly GeneralName[]>,
): Part<Terms, DistributionPoint> => ({
  of: (terms) => ({ distributionPoint: { kind: 'fullName', value: names.of(terms) } }),
  fault: ({ distributionPoint, reasons, cRLIssuer }) => {
    if (reasons !== undefined || cRLIssuer !== undefined) return 'has reasons or a cRLIssuer'
    return distributionPoint?.kind === 'fullName' ? names.fault(distributionPoint.value) : 'has no fullName'
  },
})

export interface ExtensionPart<Terms> {
  readonly name: string
  readonly id: string
  readonly critical: boolean
  of(terms: Terms): Extension
  fault(found: Extension, certificate: Pick<ParsedCertificate, 'extension'>): string | undefined
}

/** An extension that is the same in every certificate, octet for octet. */
export function fixed<T>(
  name: string,
  type: ExtensionType<T>,
  value: T,
  critical?: 'critical',
): ExtensionPart<unknown> {
  const made = extension(type, value, critical)
  return {
    name,
    id: type.id,
    critical: made.critical,
    of: () => made,
    fault: ({ extnValue }) => (equalOctets(extnValue, made.extnValue) ? undefined : 'does not say what it always says'),
  }
}

export const filled = <Terms, T>(
  name: string,
  type: ExtensionType<T>,
  part: Part<Terms, T>,
  critical?: 'critical',
): ExtensionPart<Terms> => ({
  name,
  id: type.id,
  critical: critical !== undefined,
  of: (terms) => extension(type, part.of(terms), critical),
  fault: (_, certificate) => {
    const found = certificate.extension(type)
    return found === undefined ? 'is missing' : part.fault(found.value)
  },
})

/** The extensions of a profile are these, in this order, no more. */
export function extensionFaults<Terms>(
  parts: readonly ExtensionPart<Terms>[],
  holder: Pick<ParsedCertificate, 'extension' | 'extensions'>,
): readonly (readonly [field: string, fault: string])[] {
  const faults: [string, string][] = []
  for (const part of parts) {
    const found = holder.extensions.find(({ extnID }) => extnID === part.id)
    const fault = found === undefined ? 'is missing' : (criticality(part, found) ?? part.fault(found, holder))
    if (fault !== undefined) faults.push([`extensions.${part.name}`, fault])
  }
  const strange = holder.extensions.find(({ extnID }) => !parts.some(({ id }) => id === extnID))
  if (strange !== undefined) faults.push(['extensions', `has ${strange.extnID}, which is not of this profile`])
  else if (faults.length === 0 && holder.extensions.some(({ extnID }, index) => parts[index]?.id !== extnID))
    faults.push(['extensions', 'are not in the order of the profile'])
  return faults
}

const criticality = (part: ExtensionPart<never>, { critical }: Extension): string | undefined =>
  critical === part.critical ? undefined : `is ${critical ? '' : 'not '}critical`
