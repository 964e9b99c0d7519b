/** The API documents of every actor, from its contract: by the rules of OpenAPI, and complete. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isActorName } from '@mobile-jpki/refusal'
import { openApi, serve } from '@mobile-jpki/service'
import type { Endpoint } from '@mobile-jpki/service/endpoint'
import { wrongIn } from '../../test/open-api.ts'
import { contracts } from '../documents.ts'

const all = await contracts()

type Schema = Endpoint['request']

function holdsSecret(schema: Schema): boolean {
  if ('secret' in schema._zod.def) return true
  const { shape, innerType, element } = schema._zod.def as {
    shape?: Readonly<Record<string, Schema>>
    innerType?: Schema
    element?: Schema
  }
  return [...Object.values(shape ?? {}), innerType, element].some((one) => one !== undefined && holdsSecret(one))
}

describe('the API documents', () => {
  for (const { folder, endpoints } of all) {
    const name = folder.split('/').at(-1) ?? ''
    const actor = isActorName(name) ? name : 'system'
    const routes = endpoints.map((one) => serve(one, () => assert.fail('nobody calls')))

    it(`of ${folder} follow OpenAPI 3.1`, () => {
      assert.deepEqual(wrongIn(openApi({ name: 'test', actor, routes, limited: true })), [])
    })

    it(`of ${folder} say what each endpoint is for, in one line and a full stop nowhere`, () => {
      for (const { name: endpoint, summary = '' } of endpoints) assert.match(summary, /^\S.*[^.\s]$/, endpoint)
    })

    it(`of ${folder} keep no secret for a day under an Idempotency-Key, and take a key where an act can be repeated`, () => {
      for (const { name: endpoint, idempotencyKey, method, request, reply } of endpoints)
        if (idempotencyKey) {
          assert.deepEqual([holdsSecret(request), holdsSecret(reply)], [false, false], endpoint)
          assert.ok(method === 'POST' || method === 'PATCH', endpoint)
        }
    })
  }

  it('know secrets where there are some', () => {
    const secrets = all.flatMap(({ endpoints }) => endpoints.filter(({ request }) => holdsSecret(request)))
    assert.ok(secrets.length > 2)
  })
})
