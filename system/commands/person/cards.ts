/** ./jpki person renew, lose, found, return, die, emigrate: what befalls a person or a card. */
import { makeCard, recordEvent, showTestPerson } from '@mobile-jpki/municipality/contract'
import { call, type Peer } from '@mobile-jpki/service'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { command, flag } from '../../command.ts'
import { atCounter, pinOptions, print, townOptions } from './counter.ts'

type Event = RequestOf<typeof recordEvent>['event']

const recorded = (counter: Peer, id: string, event: Event) => call(counter, recordEvent, { id, event })

const happens = (summary: string, event: Event) =>
  command({
    summary,
    options: townOptions,
    operands: ['ID'],
    run: ({ data, json }, [id = '']) =>
      atCounter(data, async (counter) => print(json, await recorded(counter, id, event))),
  })

export const die = happens('a test person dies: every certificate is revoked', 'die')
export const emigrate = happens('a test person leaves the country: every certificate is revoked', 'emigrate')
export const giveBack = happens('a test person gives the card back', 'giveBack')

export const lose = command({
  summary: 'a test person loses the card: stopped at once; with --for-good revoked',
  description:
    'The hotline stops every certificate (certificateHold). --for-good is the report at the counter (keyCompromise).',
  options: { ...townOptions, 'for-good': flag('report it at the counter: the certificates are revoked') },
  operands: ['ID'],
  run: ({ data, json, 'for-good': forGood }, [id = '']) =>
    atCounter(data, async (counter) => print(json, await recorded(counter, id, forGood ? 'lose' : 'stop'))),
})

export const found = command({
  summary: 'a test person finds the stopped card again: a stop is not lifted, so there is a new card',
  options: { ...townOptions, ...pinOptions },
  operands: ['ID'],
  run: ({ data, json, pin, 'sign-password': signPassword }, [id = '']) =>
    atCounter(data, async (counter) =>
      print(json, await call(counter, makeCard, { id, event: 'find', pin, signPassword })),
    ),
})

export const renew = command({
  summary: 'a test person gets a new card, or new certificates in the same one',
  options: {
    ...townOptions,
    'keep-card': flag('new keys and certificates in the card that is there; its PINs stay'),
    ...pinOptions,
  },
  operands: ['ID'],
  run: ({ data, json, 'keep-card': keep, pin, 'sign-password': signPassword }, [id = '']) =>
    atCounter(data, async (counter) => {
      if (keep) return print(json, await recorded(counter, id, 'renewCertificates'))
      const { state } = await call(counter, showTestPerson, { id })
      const event = state === 'cardless' ? 'issue' : 'renew'
      return print(json, await call(counter, makeCard, { id, event, pin, signPassword }))
    }),
})
