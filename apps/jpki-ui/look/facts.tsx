/** Names and values, one below the other. */
import type { ReactNode } from 'react'

export interface Fact {
  readonly name: string
  readonly value: ReactNode
  /** Numbers and addresses, in letters of one width. */
  readonly mono?: boolean
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="divide-y divide-line border-y border-line">
      {facts.map(({ name, value, mono }) => (
        <div key={name} className="py-3">
          <dt className="text-[0.875rem] text-soft">{name}</dt>
          <dd className={mono ? 'font-mono text-[0.9375rem] wrap-anywhere' : 'break-words'}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
