/** Where the time of a JavaScript thread goes: V8's samples, each added to the nearest actor, or else the nearest package, that was at work. */
import { Session } from 'node:inspector/promises'

/** As the Chrome DevTools Protocol's domain Profiler has it. */
interface Node {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[] | undefined
}
interface Profile {
  readonly nodes: readonly Node[]
  readonly samples?: readonly number[] | undefined
  readonly timeDeltas?: readonly number[] | undefined
}

/** Turning the sampling on takes time of its own. */
const unmeasured = new Set(['idle', 'system/bench'])

export interface Sampling {
  /** Milliseconds by part. */
  end(): Promise<Record<string, number>>
}

export async function sample(): Promise<Sampling> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 1000 })
  await session.post('Profiler.start')
  return {
    end: async () => {
      const { profile } = await session.post('Profiler.stop')
      session.disconnect()
      return partsOf(profile)
    },
  }
}

export function partsOf({ nodes, samples = [], timeDeltas = [] }: Profile): Record<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parent = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const known = new Map<number, string>()
  const partOf = (id: number): string => {
    const found = known.get(id) ?? partOfStack(stackFrom(id))
    known.set(id, found)
    return found
  }
  const stackFrom = (id: number) => {
    const stack: Node['callFrame'][] = []
    for (let at: number | undefined = id; at !== undefined; at = parent.get(at)) {
      const node = byId.get(at)
      if (node !== undefined) stack.push(node.callFrame)
    }
    return stack
  }
  const parts: Record<string, number> = {}
  for (const [index, id] of samples.entries()) {
    const part = partOf(id)
    if (!unmeasured.has(part)) parts[part] = (parts[part] ?? 0) + (timeDeltas[index] ?? 0) / 1000
  }
  return parts
}

const meta: Readonly<Record<string, string>> = {
  '(idle)': 'idle',
  '(garbage collector)': 'garbage collection',
  '(program)': 'node itself',
}

/** From the innermost frame outwards: an actor, else one of our packages, else a library, else Node. */
function partOfStack(stack: readonly Node['callFrame'][]): string {
  const [innermost] = stack
  if (innermost !== undefined && innermost.functionName in meta) return meta[innermost.functionName] ?? ''
  const first = (pattern: RegExp) => {
    for (const { url } of stack) {
      const [, found] = pattern.exec(url) ?? []
      if (found !== undefined) return found
    }
    return undefined
  }
  return (
    first(/\/(actors\/[^/]+)\//) ??
    first(/\/((?:apps|foundation|standards)\/[^/]+|system\/[^/]+)\//) ??
    first(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//) ??
    'node itself'
  )
}
