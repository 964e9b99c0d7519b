/** Contracts over HTTP: one declaration for server, client and documents. */
export { call, type Fetch, type Peer } from './call.ts'
export * from './endpoint.ts'
export { Problem, problemOf, refusalOf } from './problem.ts'
export { type FilesOptions, serveFiles } from './server/files.ts'
export { type Listening, type ListenOptions, listen } from './server/listen.ts'
export { openApi } from './server/open-api.ts'
export * from './server/serve.ts'
export { type Connection, connectTo, type ServerTls, type TlsIdentity } from './server/tls.ts'
