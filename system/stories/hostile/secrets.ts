/** What nobody but the person, the SIM or a keyring may know, to be looked for. */
import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAccessCode, RsaCrt } from '@mobile-jpki/jpki'
import { memoryOf } from '../../town/cards/sims.ts'
import type { TownPhone } from '../../town/phones.ts'
import { password, pin } from '../binding/steps.ts'
import type { StoryTown } from '../stage/town.ts'

export const newPin = '8520'
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const secretsOf = (codes: readonly string[]): Map<string, Uint8Array> =>
  new Map([
    ['PIN', utf8(pin)],
    ['new PIN', utf8(newPin)],
    ['password', utf8(password)],
    ...codes.flatMap((code, index): [string, Uint8Array][] => [
      [`code ${index}`, utf8(code)],
      [`code ${index} without hyphens`, utf8(code.replaceAll('-', ''))],
      [`octets of code ${index}`, parseAccessCode(code)],
    ]),
  ])

/** From a copy of the SIM's memory, chip and all: a story may look where nobody else can. */
export async function privateKeyIn({ data }: StoryTown, phone: TownPhone): Promise<readonly [string, Uint8Array][]> {
  const copy = join(data, 'copied-sim')
  await cp(phone.sim().directory, copy, { recursive: true })
  const nvm = await memoryOf(copy, 'sim')
  const name = nvm.keys().find((key) => key.endsWith('privateKey')) ?? assert.fail('the SIM holds a key')
  const key = RsaCrt.decode(nvm.get(name) ?? new Uint8Array())
  nvm.close()
  return Object.entries(key).map(([part, octets]) => [`${part} of the key`, octets])
}
