/** ./jpki person enrol: test persons with My Number cards, invented or as told. */
import { enrolTestPerson, PersonId, type TestPerson } from '@mobile-jpki/municipality/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { z } from 'zod'
import { command, value } from '../../command.ts'
import { atCounter, itemOptions, pinOptions, print, townOptions } from './counter.ts'

export default command({
  summary: 'make test persons with My Number cards',
  description:
    'What is not given is invented; the same seed gives the same person. A person under 15 gets an auth certificate only. ./jpki card attach --card my-number-card --person ID puts the card into a reader.',
  options: {
    ...townOptions,
    id: value('ID', 'by which the person is named here; person-1, person-2, … if not said', PersonId.optional()),
    seed: value('N', 'of what is invented', z.coerce.number().int().min(0).max(0xffff_ffff).optional()),
    count: value(
      'N',
      'so many persons, invented, one after the other',
      z.coerce.number().int().min(1).max(1000).optional(),
    ),
    ...itemOptions,
    municipality: value('CODE', 'five digits, such as 13221', z.string().optional()),
    ...pinOptions,
  },
  run: ({ data, json, count, pin, 'sign-password': signPassword, 'birth-date': birthDate, id, seed, ...given }) =>
    atCounter(data, async (counter) => {
      if (count !== undefined && (id ?? seed ?? given.name) !== undefined)
        throw new Refusal('request.malformed', '--count makes different persons: --id, --seed and --name name one.')
      const enrol = () => call(counter, enrolTestPerson, { ...given, birthDate, id, seed, pin, signPassword })
      if (count === undefined) return print(json, await enrol())
      const persons: TestPerson[] = []
      for (let made = 0; made < count; made++) persons.push(await enrol())
      return print(json, persons)
    }),
})
