/** ./jpki terminal: a terminal at a card reader of this machine, real or virtual. */

import { terminalCertificateIn } from '@mobile-jpki/jpki'
import { describeTrust } from '@mobile-jpki/jpki-system/contract'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { openCardReaders } from '@mobile-jpki/pcsc'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import type { Terminal } from '@mobile-jpki/terminal'
import { noTrace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { say, sayJson } from '../../ca/print.ts'
import { command, flag, value } from '../../command.ts'
import { runDesk } from '../../terminals/desk.ts'
import { type AroundTerminal, enrolledTerminal } from '../../terminals/enrolled.ts'
import { pinPad } from '../../terminals/pin-pad.ts'
import { readerLines, readingLines, readingRecord } from '../../terminals/print.ts'
import { layoutOf } from '../../town/layout.ts'
import { dataOption } from '../../town/options.ts'
import { runningTown } from '../../town/running.ts'

export default command({
  summary: 'read what is held against a card reader: a phone or a My Number card, with PIN or without',
  description:
    'Asks for a signature, verifies it, and asks the JPKI system of the running town whether the certificate is good. The PIN is typed here; where nobody sits before it, it is a line of standard input. Without PIN the terminal shows its own certificate: ./jpki terminal enrol first. Ctrl-C ends it.',
  options: {
    'pin-less': flag('ask for one signature without PIN'),
    terminal: value('NAME', 'which terminal this is', z.string().min(1).max(16).default('desk-1')),
    text: value('TEXT', 'what it is for; it is signed', z.string().max(200).default('本人確認')),
    reader: value('NAME', 'the reader; any if not said', z.string().min(1).optional()),
    readers: flag('name the readers and what is in them, and end'),
    once: flag('end after the first card; the exit status says whether it was good'),
    json: flag('for machines, a line for each card'),
    data: dataOption,
  },
  run: async ({ 'pin-less': pinLess, terminal: terminalId, text, reader, readers: list, once, json, data }) => {
    await using readers = openCardReaders()
    if (list) {
      const found = await readers.readers()
      if (json) sayJson({ readers: found })
      else say(found.length === 0 ? ['There is no reader.'] : readerLines(found))
      return 0
    }
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort())
    const { signal } = stop
    await using open = await enrolledTerminal(await aroundTown(data), { institution: 'jpki-desk', terminalId })
    const terminal = pinLess ? await asCertified(open.terminal) : open.terminal
    const pad = pinPad(signal)
    const asking = pinLess ? ({ text, way: 'pin-less' } as const) : ({ text, way: 'pin', pin: pad.ask } as const)
    let waited = false
    try {
      const last = await runDesk({
        readers,
        reader,
        terminal,
        asking,
        once,
        signal,
        waits: (there) => {
          if (!waited && !json) say([waitingFor(there.length, reader)])
          waited = true
        },
        heard: (name, reading) => {
          if (json) sayJson(readingRecord(name, reading))
          else say([...readingLines(name, reading), ''])
        },
      })
      return once && last?.ok !== true ? 1 : 0
    } finally {
      pad.close()
    }
  },
})

const waitingFor = (count: number, reader: string | undefined): string => {
  if (count === 0) return reader === undefined ? 'There is no reader yet.' : `There is no reader ${reader} yet.`
  return 'Hold a phone or a My Number card against the reader.'
}

/** The institution is the one that the certificate names. */
async function asCertified(terminal: Terminal): Promise<Terminal> {
  const key = await terminal.key?.()
  const certificate = key && terminalCertificateIn(key.certificate)
  return certificate === undefined ? terminal : { ...terminal, institution: certificate.institution }
}

async function aroundTown(data: string): Promise<AroundTerminal> {
  const places = await runningTown(data)
  if (places === undefined)
    throw new Refusal('peer.unreachable', `No town runs over ${data}: ./jpki up starts one, which knows what is good.`)
  const now = () => new Date()
  const { identityOf } = await openServiceCertificates(layoutOf(data).of('service-ca'), now)
  const { authorities } = await call({ url: places.publication, actor: 'jpki-system' }, describeTrust, {})
  const auth = authorities.flatMap(({ name, certificate }) => (name === 'auth' ? [certificate] : []))
  return { layout: layoutOf(data), places, authorities: { auth }, identityOf, trace: noTrace, now }
}
