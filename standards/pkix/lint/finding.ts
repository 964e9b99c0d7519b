/** What a linter says: where, against which clause. RFC 5280 and the documents that the rules name. */

export interface Finding {
  readonly clause: string
  /** As the standard names it: `serialNumber`, `extensions.keyUsage`. */
  readonly field: string
  readonly says: string
}

/** One sentence of a standard that can be checked. `says` answers what is wrong, or nothing. */
export interface Rule<Subject> {
  readonly clause: string
  readonly field: string
  says(subject: Subject): string | undefined
}

export const rule = <Subject>(
  clause: string,
  field: string,
  says: (subject: Subject) => string | false | undefined,
): Rule<Subject> => ({ clause, field, says: (subject) => says(subject) || undefined })

export function findingsOf<Subject>(subject: Subject, rules: readonly Rule<Subject>[]): readonly Finding[] {
  const findings: Finding[] = []
  for (const { clause, field, says } of rules) {
    const said = says(subject)
    if (said !== undefined) findings.push({ clause, field, says: said })
  }
  return findings
}

export const printFinding = ({ clause, field, says }: Finding): string => `${field} ${says} (${clause})`
