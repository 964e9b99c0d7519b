/** What is wrong with an OpenAPI document, by the rules of OpenAPI 3.1.1 (https://spec.openapis.org/oas/v3.1.1) and JSON Schema 2020-12. */
import { createRequire } from 'node:module'

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const nodeIn = (value: unknown): Node => (isNode(value) ? value : {})
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The validator that Fastify brings. */
interface Validator {
  compile(schema: unknown): ((value: unknown) => boolean) & { errors?: unknown }
}
const fromFastify = createRequire(createRequire(import.meta.url).resolve('fastify'))
const Ajv: new (options: object) => Validator = fromFastify('ajv/dist/2020.js').default

// biome-ignore format: a table, one line each
const fields = {
  document: ['openapi', 'info', 'jsonSchemaDialect', 'servers', 'paths', 'webhooks', 'components', 'security', 'tags', 'externalDocs'],
  info: ['title', 'summary', 'description', 'termsOfService', 'contact', 'license', 'version'],
  operation: ['tags', 'summary', 'description', 'externalDocs', 'operationId', 'parameters', 'requestBody', 'responses', 'callbacks', 'deprecated', 'security', 'servers'],
  parameter: ['name', 'in', 'description', 'required', 'deprecated', 'schema', 'content', 'style', 'explode', 'example', 'examples'],
  header: ['description', 'required', 'deprecated', 'schema', 'content', 'example', 'examples'],
  requestBody: ['description', 'content', 'required'],
  response: ['description', 'headers', 'content', 'links'],
  mediaType: ['schema', 'example', 'examples', 'encoding'],
  components: ['schemas', 'responses', 'parameters', 'examples', 'requestBodies', 'headers', 'securitySchemes', 'links', 'callbacks', 'pathItems'],
} as const

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']
const schemes = ['apiKey', 'http', 'mutualTLS', 'oauth2', 'openIdConnect']

export function wrongIn(document: unknown): readonly string[] {
  const root = nodeIn(document)
  const wrong: string[] = []
  const must = (holds: boolean, where: string, what: string) => {
    if (!holds) wrong.push(`${where}: ${what}`)
  }
  const known = (kind: keyof typeof fields, node: Node, where: string) => {
    for (const name of Object.keys(node))
      must(name.startsWith('x-') || (fields[kind] as readonly string[]).includes(name), where, `${name} is no field`)
  }
  const validator = new Ajv({ strict: false, validateFormats: false })
  const schemaAt = (schema: unknown, where: string, examples: readonly unknown[]) => {
    const whole = { ...nodeIn(schema), components: root['components'] }
    try {
      const validate = validator.compile(whole)
      for (const example of examples)
        must(validate(example), where, `its example is wrong: ${JSON.stringify(validate.errors)}`)
    } catch (error) {
      must(false, where, `its schema is none: ${error}`)
    }
  }

  function described(node: Node, kind: 'parameter' | 'header' | 'mediaType', where: string) {
    known(kind, node, where)
    must(node['example'] === undefined || node['examples'] === undefined, where, 'has example and examples')
    if (kind !== 'mediaType') must(isNode(node['schema']) !== isNode(node['content']), where, 'needs schema or content')
    const several = Object.values(nodeIn(node['examples'])).map((one) => nodeIn(one)['value'])
    schemaAt(node['schema'], where, node['example'] === undefined ? several : [node['example']])
  }

  function content(node: unknown, where: string) {
    must(isNode(node) && Object.keys(node).length > 0, where, 'has no content')
    for (const [type, media] of Object.entries(nodeIn(node))) {
      must(/^[\w.+-]+\/[\w.+*-]+$/.test(type), where, `${type} is no media type`)
      described(nodeIn(media), 'mediaType', `${where} ${type}`)
    }
  }

  function parameters(node: unknown, path: string, where: string) {
    const all = listIn(node).map(nodeIn)
    const named = all.map((one) => `${one['in']} ${one['name']}`)
    must(new Set(named).size === named.length, where, 'names a parameter twice')
    for (const one of all) {
      const at = `${where} ${one['in']} ${one['name']}`
      described(one, 'parameter', at)
      must(['path', 'query', 'header', 'cookie'].includes(String(one['in'])), at, 'is nowhere')
      if (one['in'] === 'path') must(one['required'] === true, at, 'must be required')
      if (one['in'] === 'header')
        must(!/^(?:accept|content-type|authorization)$/i.test(String(one['name'])), at, 'is not described here')
    }
    const inTemplate = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
    const inPath = all.filter((one) => one['in'] === 'path').map((one) => one['name'])
    must(String(inTemplate.sort()) === String(inPath.sort()), where, `has ${inPath} for ${inTemplate}`)
  }

  function responses(node: unknown, where: string) {
    must(isNode(node) && Object.keys(node).length > 0, where, 'answers nothing')
    for (const [status, response] of Object.entries(nodeIn(node))) {
      const at = `${where} ${status}`
      must(/^(?:[1-5](?:\d\d|XX)|default)$/.test(status), at, 'is no status')
      const said = nodeIn(response)
      known('response', said, at)
      must(typeof said['description'] === 'string', at, 'has no description')
      for (const [name, header] of Object.entries(nodeIn(said['headers'])))
        described(nodeIn(header), 'header', `${at} ${name}`)
      if (said['content'] !== undefined) content(said['content'], at)
    }
  }

  known('document', root, 'the document')
  must(/^3\.1\.\d+$/.test(String(root['openapi'])), 'openapi', 'is not 3.1')
  const info = nodeIn(root['info'])
  known('info', info, 'info')
  for (const name of ['title', 'version']) must(typeof info[name] === 'string', 'info', `has no ${name}`)
  for (const server of listIn(root['servers']))
    must(URL.canParse(String(nodeIn(server)['url'])), 'servers', 'has no URL')

  const components = nodeIn(root['components'])
  known('components', components, 'components')
  for (const group of Object.values(components))
    for (const name of Object.keys(nodeIn(group))) must(/^[\w.-]+$/.test(name), 'components', `${name} is no name`)
  for (const [name, scheme] of Object.entries(nodeIn(components['securitySchemes'])))
    must(schemes.includes(String(nodeIn(scheme)['type'])), name, 'is no security scheme')
  const tags = listIn(root['tags']).map((tag) => nodeIn(tag)['name'])
  must(new Set(tags).size === tags.length, 'tags', 'names one twice')

  const ids: unknown[] = []
  const shapes = Object.keys(nodeIn(root['paths'])).map((path) => path.replace(/\{[^}]+\}/g, '{}'))
  must(new Set(shapes).size === shapes.length, 'paths', 'two are the same')
  for (const [path, item] of Object.entries(nodeIn(root['paths']))) {
    must(path.startsWith('/'), path, 'does not begin with /')
    for (const [method, value] of Object.entries(nodeIn(item))) {
      const where = `${method} ${path}`
      must(methods.includes(method), where, 'is no method')
      const operation = nodeIn(value)
      known('operation', operation, where)
      ids.push(operation['operationId'])
      must(typeof operation['summary'] === 'string' && operation['summary'] !== '', where, 'says nothing of itself')
      for (const tag of listIn(operation['tags'])) must(tags.includes(tag), where, `the tag ${tag} is not declared`)
      for (const requirement of listIn(operation['security']))
        for (const name of Object.keys(nodeIn(requirement)))
          must(Object.hasOwn(nodeIn(components['securitySchemes']), name), where, `${name} is no security scheme`)
      parameters(operation['parameters'], path, where)
      responses(operation['responses'], where)
      const body = operation['requestBody']
      if (body === undefined) continue
      must(!['get', 'delete', 'head'].includes(method), where, 'has a body, RFC 9110 §9.3')
      known('requestBody', nodeIn(body), where)
      content(nodeIn(body)['content'], where)
    }
  }
  must(new Set(ids).size === ids.length && !ids.includes(undefined), 'operationId', 'is missing, or there twice')
  return wrong
}
