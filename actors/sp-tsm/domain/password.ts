/** The applicant's password (④ ⑬), kept as Argon2id only. RFC 9106 §4; cost by OWASP's password storage recommendation. */
import { argon2, timingSafeEqual } from 'node:crypto'

const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const nonceLength = 16

const derive = (password: string, nonce: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const message = new TextEncoder().encode(password.normalize('NFKC'))
    argon2('argon2id', { message, nonce, ...cost }, (error, tag) =>
      error === null ? resolve(new Uint8Array(tag)) : reject(error),
    )
  })

/** nonce ‖ tag */
export async function hashPassword(password: string, nonce: Uint8Array): Promise<Uint8Array> {
  if (nonce.length !== nonceLength) throw new RangeError(`a nonce has ${nonceLength} octets`)
  return new Uint8Array([...nonce, ...(await derive(password, nonce))])
}

export async function isPassword(password: string, hashed: Uint8Array): Promise<boolean> {
  const tag = await derive(password, hashed.subarray(0, nonceLength))
  return timingSafeEqual(tag, hashed.subarray(nonceLength))
}
