/** OpenAPI 3.1 from the same declarations that server and client run on. */
import { type ActorName, actors } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { type Callers, type Endpoint, pathFieldsOf } from '../endpoint.ts'
import { Problem } from '../problem.ts'
import type { RawDescription, RawRoute, Route } from '../server/serve.ts'
import { problemsOf } from './problem-responses.ts'

export type Json = { readonly [name: string]: unknown }

export interface ApiDocument {
  /** Tells the documents of one actor apart. */
  readonly name: string
  readonly actor: ActorName
  readonly routes: readonly Route[]
  /** Whether the listener counts who asks how often. */
  readonly limited?: boolean
  /** Where the routes are, when that is not where the document is. */
  readonly url?: () => string
}

export function openApi({ name, actor, routes, limited = false, url }: ApiDocument): Json {
  const operations = routes.flatMap((route): readonly (readonly [string, string, Json])[] => {
    if (route.kind === 'json') {
      const { path, method } = route.endpoint
      return [[templateOf(path), method.toLowerCase(), operationOf(route.endpoint, limited)]]
    }
    const { path, method, about } = route
    return about === undefined ? [] : [[templateOf(path), method.toLowerCase(), rawOperationOf(route, about)]]
  })
  const paths: Record<string, Record<string, Json>> = {}
  for (const [path, method, operation] of operations) paths[path] = { ...paths[path], [method]: operation }
  return {
    openapi: '3.1.0',
    info: {
      title: `${actors[actor].en} (${actors[actor].ja}), ${name}`,
      version: '1',
      description: introduction(routes, limited),
    },
    ...(url !== undefined && { servers: [{ url: url() }] }),
    tags: [...new Set(routes.flatMap(tagsOf))].map((tag) => ({ name: tag, description: describedTag(tag) })),
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem) },
      securitySchemes: {
        actor: {
          type: 'mutualTLS',
          description:
            'TLS 1.3; the common name of the client certificate, issued by the service CA, is the name of the caller.',
        },
      },
    },
  }
}

function introduction(routes: readonly Route[], limited: boolean): string {
  const keyed = routes.some((route) => route.kind === 'json' && route.endpoint.idempotencyKey === true)
  return [
    'A refusal is a problem (RFC 9457) of type `urn:jpki:problem:CODE`; `whatToDo` says what helps, `whose` who is responsible, `instance` names the request, as the header `request-id` does.',
    'Fields that no schema names are refused.',
    ...(keyed
      ? [
          'Where an operation takes `Idempotency-Key`, the same request under the same key is done once within 24 hours: whoever asks again gets the same answer, with `idempotency-replayed: true`. Two at a time wait for each other. A refusal changed nothing and is not kept. The key belongs to the caller.',
        ]
      : []),
    ...(limited
      ? ['`ratelimit` and `ratelimit-policy` tell how much is left; beyond it, `retry-after` says when to go on.']
      : []),
  ].join('\n\n')
}

/** `:field` becomes `{field}`, and what a final `*` stands for `{rest}`. */
const templateOf = (path: string): string => path.replace(/:([A-Za-z][A-Za-z0-9]*)/g, '{$1}').replace(/\*$/, '{rest}')

const callersOf = (route: Route): Callers =>
  route.kind === 'json' ? route.endpoint.callers : (route.callers ?? 'public')
const tagsIn = (callers: Callers): readonly string[] => (callers === 'public' ? ['anybody'] : callers)
const tagsOf = (route: Route): readonly string[] =>
  route.kind === 'raw' && route.about === undefined ? [] : tagsIn(callersOf(route))
const describedTag = (tag: string): string =>
  tag === 'anybody' ? 'needs no certificate' : `for ${actors[tag as ActorName].ja} (${actors[tag as ActorName].en})`

const securityOf = (callers: Callers): Json =>
  callers === 'public' ? { security: [] } : { security: [{ actor: [] }], 'x-callers': callers }

function operationOf(endpoint: Endpoint, limited: boolean): Json {
  const inPath = pathFieldsOf(endpoint.path)
  const schema = schemaOf(endpoint.request)
  const properties = (schema['properties'] ?? {}) as Record<string, Json>
  const required = (schema['required'] ?? []) as readonly string[]
  const carriesBody = endpoint.method !== 'GET' && endpoint.method !== 'DELETE'
  const example = (endpoint.example?.request ?? {}) as Json
  const inQuery = carriesBody ? [] : Object.keys(properties).filter((name) => !inPath.includes(name))
  const parameterOf = (name: string, place: 'path' | 'query') => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: properties[name] ?? {},
    ...(Object.hasOwn(example, name) && { example: example[name] }),
  })
  return {
    operationId: endpoint.name,
    summary: endpoint.summary ?? endpoint.name,
    ...(endpoint.description !== undefined && { description: endpoint.description }),
    ...(endpoint.step !== undefined && { 'x-step': endpoint.step }),
    tags: tagsIn(endpoint.callers),
    ...securityOf(endpoint.callers),
    parameters: [
      ...inPath.map((name) => parameterOf(name, 'path')),
      ...inQuery.map((name) => parameterOf(name, 'query')),
      ...(endpoint.idempotencyKey ? [idempotencyKey] : []),
    ],
    ...(carriesBody && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: bodyOf(schema, inPath),
            ...(endpoint.example?.request !== undefined && { example: without(example, inPath) }),
          },
        },
      },
    }),
    responses: { [endpoint.status]: replyOf(endpoint, limited), ...problemsOf(endpoint, carriesBody, limited) },
  }
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A String of RFC 8941: 1 to 64 visible ASCII characters in double quotes; a UUID for each act.',
  schema: { type: 'string', pattern: '^"[!#-\\[\\]-~]{1,64}"$' },
  example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
}

function bodyOf(schema: Json, inPath: readonly string[]): Json {
  if (!('properties' in schema)) return schema
  const required = ((schema['required'] ?? []) as readonly string[]).filter((name) => !inPath.includes(name))
  return { ...schema, properties: without(schema['properties'] as Json, inPath), required }
}

const without = (fields: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

const text = (description: string): Json => ({ description, schema: { type: 'string' } })

function replyOf({ reply, status, example, idempotencyKey: keyed }: Endpoint, limited: boolean): Json {
  const description = status === 201 ? 'Created' : status === 202 ? 'Accepted' : status === 204 ? 'Done' : 'OK'
  const headers = {
    'request-id': text('names this request'),
    ...(keyed && {
      'idempotency-replayed': text('`true` when the answer is that of an earlier request under the same key'),
    }),
    ...(limited && { ratelimit: text('what is left of the quota'), 'ratelimit-policy': text('the quota') }),
  }
  if (status === 204) return { description, headers }
  const shown = example?.reply === undefined ? {} : { example: example.reply }
  return { description, headers, content: { 'application/json': { schema: schemaOf(reply), ...shown } } }
}

/** A route that speaks its own standard's format. */
function rawOperationOf({ path, method, accepts, callers = 'public' }: RawRoute, about: RawDescription): Json {
  const names = [...pathFieldsOf(path), ...(path.endsWith('*') ? ['rest'] : [])]
  return {
    operationId: about.name,
    summary: about.summary,
    ...(about.description !== undefined && { description: about.description }),
    tags: tagsIn(callers),
    ...securityOf(callers),
    parameters: names.map((name) => ({
      name,
      in: 'path',
      required: true,
      ...(about.fields?.[name] !== undefined && { description: about.fields[name] }),
      schema: { type: 'string' },
    })),
    ...(method !== 'GET' &&
      accepts !== undefined && {
        requestBody: { required: true, content: Object.fromEntries(accepts.map((type) => [type, { schema: {} }])) },
      }),
    responses: Object.fromEntries(
      Object.entries(about.replies).map(([status, { description, type }]) => [
        status,
        { description, ...(type !== undefined && { content: { [type]: { schema: {} } } }) },
      ]),
    ),
  }
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
