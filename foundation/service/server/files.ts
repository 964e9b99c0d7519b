/** A folder of files served as they are: a web front end. */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serveRaw } from './serve.ts'

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

export interface FilesOptions {
  /** Where the folder appears: '/' or '/app/'. */
  readonly path: string
  /** Where the files are, or what finds that out when somebody looks. */
  readonly directory: string | (() => Promise<string>)
  /** Sent with every file, e.g. a content security policy. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Its index.html answers for the folder itself. Nothing outside the folder is ever read, links included. */
export const serveFiles = ({ path, directory, headers = {} }: FilesOptions): readonly Route[] =>
  [path, `${path}*`].map((pattern) =>
    serveRaw({
      method: 'GET',
      path: pattern,
      handler: async ({ fields }) => {
        const name = fields['*'] === undefined || fields['*'] === '' ? 'index.html' : fields['*']
        const type = contentTypes[extname(name)]
        const file = await fileIn(typeof directory === 'string' ? directory : await directory(), name)
        if (type === undefined || file === undefined) throw new Refusal('reference.not-found', 'There is no such file.')
        return { headers: { 'content-type': type, ...headers }, body: await readFile(file) }
      },
    }),
  )

async function fileIn(directory: string, name: string): Promise<string | undefined> {
  if (name.includes('\0')) return undefined
  const root = await realpath(directory)
  const file = await realpath(join(root, name)).catch(() => undefined)
  return file?.startsWith(root + sep) ? file : undefined
}
