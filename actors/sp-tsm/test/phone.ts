/** A phone with the app's key on it, for tests: what it proves at ⑬ and later. */
import { pointOf, signDevice } from '@mobile-jpki/jpki'
import type { DeviceProof } from '../contract.ts'
import { newChallenge } from '../domain/device.ts'
import type { World } from '../domain/world.ts'

export interface Phone {
  readonly key: Uint8Array
  prove(
    world: Pick<World, 'secrets' | 'now' | 'random' | 'origin'>,
    said: { readonly iccid: string } & Partial<Said>,
  ): Promise<DeviceProof>
}

interface Said {
  readonly purpose: string
  readonly origin: string
  /** Of an application that was made elsewhere the phone knows no name. */
  readonly orderId: string
  readonly challenge: Uint8Array
}

export async function newPhone(): Promise<Phone> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const key = await pointOf(pair.publicKey)
  return {
    key,
    prove: async (world, said) => {
      const challenge = said.challenge ?? (await newChallenge(world)).challenge
      const statement = { purpose: 'download', origin: world.origin(), orderId: '', ...said, challenge }
      return { key, challenge, signature: await signDevice(pair.privateKey, statement) }
    },
  }
}
