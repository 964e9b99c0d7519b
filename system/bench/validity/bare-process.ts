/** The limit of a server: node:http that sends the same octets whatever it is asked. */
import { createServer } from 'node:http'
import { given, say } from '../processes.ts'

const { port, length } = await given<{ port: number; length: number }>()
const body = Buffer.alloc(length, 0x5a)
const headers = ['content-type', 'application/ocsp-response', 'content-length', String(length)]
createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
}).listen(port, '127.0.0.1', () => say({}))
