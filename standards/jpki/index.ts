/** The JPKI card application, its download and its certificate profile. */
export * from './access-code.ts'
export * from './casd.ts'
export * from './dgi.ts'
export * as envelope from './envelope.ts'
export * from './identifiers.ts'
export * from './login.ts'
export * from './p256.ts'
