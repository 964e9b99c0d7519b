/** OpenAPI 3.1 from the same declarations that server and client run on. */
import { type ActorName, actors } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { type Endpoint, pathFieldsOf } from '../endpoint.ts'
import { Problem, problemStatuses } from '../problem.ts'
import type { Route } from './serve.ts'

type Json = { readonly [name: string]: unknown }

/** The document of one actor's routes. Paths that do not speak JSON are described by their standards, not here. */
export function openApi(actor: ActorName, routes: readonly Route[]): Json {
  const endpoints = routes.flatMap((route) => (route.kind === 'json' ? [route.endpoint] : []))
  const paths: Record<string, Record<string, Json>> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([A-Za-z][A-Za-z0-9]*)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: { title: `${actors[actor].en} (${actors[actor].ja})`, version: '1' },
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem) },
      responses: {
        problem: {
          description: 'A refusal, RFC 9457',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes: { actor: { type: 'mutualTLS' } },
    },
  }
}

function operationOf(endpoint: Endpoint): Json {
  const inPath = pathFieldsOf(endpoint.path)
  const schema = schemaOf(endpoint.request)
  const properties = (schema['properties'] ?? {}) as Record<string, Json>
  const required = (schema['required'] ?? []) as readonly string[]
  const carriesBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  const inQuery = carriesBody ? [] : Object.keys(properties).filter((name) => !inPath.includes(name))
  const body = {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !inPath.includes(name))),
    required: required.filter((name) => !inPath.includes(name)),
  }
  return {
    operationId: endpoint.name,
    ...(endpoint.summary !== undefined && { summary: endpoint.summary }),
    ...(endpoint.step !== undefined && { 'x-step': endpoint.step }),
    ...(endpoint.callers !== 'public' && { security: [{ actor: [] }], 'x-callers': endpoint.callers }),
    parameters: [
      ...inPath.map((name) => ({ name, in: 'path', required: true, schema: properties[name] ?? {} })),
      ...inQuery.map((name) => ({
        name,
        in: 'query',
        required: required.includes(name),
        schema: properties[name] ?? {},
      })),
    ],
    ...(carriesBody && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: 'properties' in schema ? body : schema } },
      },
    }),
    responses: {
      [endpoint.status]: replyOf(endpoint),
      ...Object.fromEntries(problemStatuses.map((status) => [status, { $ref: '#/components/responses/problem' }])),
    },
  }
}

function replyOf({ reply, status }: Endpoint): Json {
  const description = status === 201 ? 'Created' : status === 202 ? 'Accepted' : status === 204 ? 'Done' : 'OK'
  return status === 204
    ? { description }
    : { description, content: { 'application/json': { schema: schemaOf(reply) } } }
}

/** Secrets are told as write-only, so that no document viewer offers an example of one. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if ('secret' in zodSchema._zod.def) jsonSchema.writeOnly = true
    },
  })
  return rest
}
