/** ./jpki person move, rename, correct: one of the four items becomes another, and the sign certificate goes. */
import { changeName, correctEntries, moveHouse } from '@mobile-jpki/municipality/contract'
import { call } from '@mobile-jpki/service'
import { z } from 'zod'
import { command, value } from '../../command.ts'
import { atCounter, itemOptions, keyOption, print, townOptions } from './counter.ts'

export const move = command({
  summary: 'a test person moves house; invented where it is not said',
  options: {
    ...townOptions,
    municipality: value('CODE', 'five digits, such as 13221', z.string().optional()),
    address: itemOptions.address,
    ...keyOption,
  },
  operands: ['ID'],
  run: ({ data, json, municipality, address, 'without-sign-key': without }, [id = '']) =>
    atCounter(data, async (counter) =>
      print(json, await call(counter, moveHouse, { id, municipality, address, newSignKey: !without })),
    ),
})

export const rename = command({
  summary: 'a test person takes another name; another family name where it is not said',
  options: { ...townOptions, name: itemOptions.name, kana: itemOptions.kana, ...keyOption },
  operands: ['ID'],
  run: ({ data, json, name, kana, 'without-sign-key': without }, [id = '']) =>
    atCounter(data, async (counter) =>
      print(json, await call(counter, changeName, { id, name, kana, newSignKey: !without })),
    ),
})

export const correct = command({
  summary: 'correct what was recorded wrongly of a test person',
  options: { ...townOptions, ...itemOptions, ...keyOption },
  operands: ['ID'],
  run: ({ data, json, 'birth-date': birthDate, 'without-sign-key': without, ...given }, [id = '']) =>
    atCounter(data, async (counter) =>
      print(json, await call(counter, correctEntries, { ...given, id, birthDate, newSignKey: !without })),
    ),
})
