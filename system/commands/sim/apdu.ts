/** ./jpki sim apdu: commands to a SIM, decoded, through a secure channel if one likes, with the reason for each refusal. */
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { command, flag, value } from '../../command.ts'
import { type Asked, converse, type Event, openingOf } from '../../sim/conversation.ts'
import { jsonOf, linesOf } from '../../sim/exchange.ts'
import { random, readIssuerKeys } from '../../sim/files.ts'
import { readOperands, readScript } from '../../sim/script.ts'
import { openTarget, targetOptions } from '../../sim/target.ts'

const octet = z
  .string()
  .regex(/^[0-9a-f]{2}$/i, 'write one octet in hexadecimal')
  .transform((digits) => Number.parseInt(digits, 16))
  .optional()
const aid = z
  .string()
  .regex(/^(?:[0-9a-f]{2}){5,16}$/i, 'an AID has 5 to 16 octets')
  .transform((digits) => Uint8Array.fromHex(digits))
  .optional()

export default command({
  summary: 'send APDUs to a SIM, decoded; --explain says why it refused',
  description: [
    'Each HEX is one APDU. Without any, a script is read from standard input: one APDU a line, # for comments, \\ where a line',
    'goes on; reset, secure (opens the secure channel again) and plain (leaves it) as lines of their own.',
  ].join('\n'),
  options: {
    ...targetOptions,
    secure: value('KEYFILE', 'open a secure channel first, under these issuer keys', z.string().optional()),
    keys: value('KVN', 'their key version; the first set if absent', octet),
    level: value('LEVEL', 'its security level: 00, 01, 03, 11, 13 or 33; the highest offered if absent', octet),
    aid: value('AID', 'the security domain to open; that of the keys if absent', aid),
    explain: flag('for each refusal the rule and its clause'),
    json: flag('one line of JSON for each exchange'),
  },
  operands: ['[HEX…]'],
  run: async ({ sim, data, secure, keys: keyVersion, level, aid, explain, json }, operands) => {
    const script = operands.length > 0 ? readOperands(operands) : readScript(await text(process.stdin))
    const asked: Asked = { keyVersion, level, aid }
    const opening = secure === undefined ? undefined : openingOf(await readIssuerKeys(secure), asked)
    const target = await openTarget({ sim, data })
    try {
      for await (const event of converse(target, script, random, opening))
        process.stdout.write(`${json ? JSON.stringify(eventAsJson(event)) : said(event, explain).join('\n')}\n`)
      return 0
    } finally {
      target.close()
    }
  },
})

const hex = (octets: Uint8Array): string => octets.toHex().toUpperCase()

function said(event: Event, explain: boolean): readonly string[] {
  switch (event.kind) {
    case 'reset':
      return [`reset: ${hex(event.answer)}`]
    case 'closed':
      return ['  the secure channel is closed; what follows goes in the clear']
    case 'opened': {
      const { scp, level, keyVersion, aid } = event.opening
      const how = `SCP${scp.protocol} i=${octetOf(scp.i)}, level ${octetOf(level)}, key version ${octetOf(keyVersion)}`
      return [
        `secure channel with ${hex(aid)}: ${how}`,
        ...event.passed.flatMap(({ sent, received }) => [`  sent      ${hex(sent)}`, `  received  ${hex(received)}`]),
      ]
    }
    case 'exchange':
      return linesOf(event.exchange, explain)
  }
}

const octetOf = (octet: number): string => hex(Uint8Array.of(octet))

function eventAsJson(event: Event): unknown {
  if (event.kind === 'exchange') return jsonOf(event.exchange)
  if (event.kind === 'reset') return { reset: hex(event.answer) }
  if (event.kind === 'closed') return { secureChannel: 'closed' }
  const { scp, level, keyVersion, aid } = event.opening
  return {
    secureChannel: {
      scp: scp.protocol,
      i: octetOf(scp.i),
      level: octetOf(level),
      keyVersion: octetOf(keyVersion),
      aid: hex(aid),
    },
    passed: event.passed.map(({ sent, received }) => ({ sent: hex(sent), received: hex(received) })),
  }
}
