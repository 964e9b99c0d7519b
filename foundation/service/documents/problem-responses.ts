/** What an operation may refuse, as OpenAPI says it: by status code, with every code and an example of each. */
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Endpoint } from '../endpoint.ts'
import { problemOf } from '../problem.ts'

type Responses = Readonly<Record<string, { readonly description: string } & Record<string, unknown>>>

const problem = { $ref: '#/components/schemas/Problem' }

export function problemsOf(endpoint: Endpoint, carriesBody: boolean, limited: boolean): Responses {
  const codes: readonly RefusalCode[] = [
    'request.malformed',
    ...(endpoint.callers === 'public' ? [] : (['caller.not-allowed'] as const)),
    ...(carriesBody ? (['request.too-large', 'request.type-not-supported'] as const) : []),
    ...(endpoint.idempotencyKey ? (['request.key-reused'] as const) : []),
    ...(limited ? (['rate.exceeded'] as const) : []),
    ...(endpoint.refusals ?? []),
  ]
  const problems = [...new Set(codes)].map((code) => ({ code, said: problemOf(new Refusal(code)) }))
  const byStatus = Map.groupBy(problems, ({ said }) => String(said.status))
  const responses = [...byStatus].map(([status, there]) => [
    status,
    {
      description: there.map(({ code, said }) => `\`${code}\`: ${said.title}`).join('\n\n'),
      ...(status === '429' && {
        headers: { 'retry-after': { description: 'in seconds', schema: { type: 'integer' } } },
      }),
      content: {
        'application/problem+json': {
          schema: problem,
          examples: Object.fromEntries(there.map(({ code, said }) => [code, { value: said }])),
        },
      },
    },
  ])
  const fault = {
    description: 'A fault of ours, and no refusal',
    content: { 'application/problem+json': { schema: problem } },
  }
  return { ...Object.fromEntries(responses), 500: fault }
}
