/** ./jpki sim profiles: the SIM types of all carriers, side by side. */
import { carriers, type NamedSimType, simTypes } from '../../carriers/carriers.ts'
import { command, flag } from '../../command.ts'

type Row = readonly [property: string, of: (one: NamedSimType) => string]

const kib = (octets: number) => `${octets >> 10} KiB`
const yesNo = (yes: boolean) => (yes ? 'yes' : 'no')

const rows: readonly Row[] = [
  ['secure channel', ({ type }) => type.keySets.map(({ scp, i }) => `SCP0${scp} i=${i}`).join(' + ')],
  ['key version', ({ type }) => type.keySets.map(({ keyVersion }) => keyVersion).join(' + ')],
  ['keys', ({ type }) => type.keySets.map(({ scp, keyBits }) => `${scp === 2 ? 'DES' : 'AES'}-${keyBits}`).join(' + ')],
  ['diversification', ({ type }) => type.keySets.map(({ diversification }) => diversification).join(' + ')],
  ['least level', ({ type }) => type.minimumLevel],
  ['management', ({ type }) => type.management.model],
  ['tokens', ({ type: { management } }) => (management.model === 'delegated' ? management.tokens : '–')],
  ['receipts', ({ type: { management } }) => (management.model === 'delegated' ? management.receipts : '–')],
  ['mandated DAP', ({ type }) => (type.mandatedDap === 'none' ? 'no' : type.mandatedDap)],
  ['CASD', ({ type }) => yesNo(type.controllingAuthority)],
  ['access rules', ({ type }) => yesNo(type.accessRules)],
  ['bearers', ({ type }) => type.bearers.join(' ')],
  ['longest data', ({ type }) => String(type.largestData)],
  ['NVM', ({ type }) => kib(type.memory.nonVolatile)],
  ['RAM', ({ type }) => kib(type.memory.volatile)],
  ['RSA up to', ({ type }) => String(type.rsa.longest)],
  ['RSA made inside', ({ type }) => yesNo(type.rsa.generation)],
  ['Java Card', ({ type }) => type.javaCard],
  ['PIN-less', ({ type }) => yesNo(type.pinless)],
  ['channels', ({ type }) => String(type.logicalChannels)],
]

export default command({
  summary: 'list the SIM types of the carriers, property by property',
  description: 'docs/sim.md says what each property does in the card.',
  options: { json: flag('the types as JSON, as ./jpki sim new --profile FILE.json takes them') },
  run: async ({ json }) => {
    process.stdout.write(
      json
        ? `${JSON.stringify(Object.fromEntries(simTypes.map(({ name, type }) => [name, type])), null, 2)}\n`
        : overview(),
    )
    return 0
  },
})

/** One table a carrier: it fits on a terminal, and its types stand beside each other. */
function overview(): string {
  const parts = Object.entries(carriers).map(([id, carrier]) => {
    const types = simTypes.filter((one) => one.carrier === carrier)
    const host = carrier.host === undefined ? '' : `, on the network of ${carriers[carrier.host]?.name}`
    const lines = columns([
      ['', ...types.map(({ name }) => name)],
      ...rows.map(([property, of]) => [property, ...types.map(of)]),
    ])
    return [
      `${carrier.name} (${id})${host}; ICCID ${carrier.iccidPrefix}…`,
      ...types.map(({ name, type }) => `  ${name}: ${type.description}`),
      ...lines,
    ].join('\n')
  })
  return `${parts.join('\n\n')}\n`
}

function columns(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  return cells.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd())
}
