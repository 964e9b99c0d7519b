/** ./jpki person list, show. */
import { listTestPersons, showTestPerson } from '@mobile-jpki/municipality/contract'
import { call } from '@mobile-jpki/service'
import { command } from '../../command.ts'
import { atCounter, print, townOptions } from './counter.ts'

export const list = command({
  summary: 'list the test persons of a running town',
  options: townOptions,
  run: ({ data, json }) =>
    atCounter(data, async (counter) => print(json, (await call(counter, listTestPersons, {})).persons)),
})

export const show = command({
  summary: 'show a test person, and how the certificates stand at the JPKI system',
  options: townOptions,
  operands: ['ID'],
  run: ({ data, json }, [id = '']) =>
    atCounter(data, async (counter) => print(json, await call(counter, showTestPerson, { id }))),
})
