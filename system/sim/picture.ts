/** The card as an engineer draws it: security domains as a tree, with keys, applications, load files; then its files. */
import type { CardDescription, DomainDescription } from '@mobile-jpki/sim'
import { aids } from '@mobile-jpki/sim/contract'
import type { FileSeen } from './file-walk.ts'

/** A line of its own, what is said about it, and what stands below it. */
interface Branch {
  readonly label: string
  readonly details: readonly string[]
  readonly below: readonly Branch[]
}

const known: Readonly<Record<string, string>> = {
  [aids.issuerSecurityDomain]: 'issuer security domain',
  [aids.casd]: 'controlling authority (CASD)',
  [aids.securityDomainPackage]: 'load file of security domains',
  A00000015141434C00: 'access rules (ARA-M)',
  A0000001515350414D4A504B49: 'security domain of SP-TSM (SP領域)',
  A0000008624D4A504B49: 'load file of the JPKI applet',
  D392F000260100000001: 'JPKI applet',
}
const kinds = {
  securityDomain: 'security domain',
  authority: 'controlling authority',
  accessRules: 'access rules',
  program: 'application',
} as const

type ApplicationDescription = DomainDescription['applications'][number]
type Keys = DomainDescription['keys'][number]

const words = (name: string) =>
  name
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\b(?:dap|cvm)\b/, (short) => short.toUpperCase())
const number = (value: number) => value.toLocaleString('en')

export function picture(card: CardDescription, files: readonly FileSeen[]): string {
  const { iccid, profile, memory, ram, issuer, others } = card
  return [
    `SIM ${iccid} · ${profile}`,
    `memory ${bar(memory.used / memory.size)} ${number(memory.used)} of ${number(memory.size)} octets${kept(memory.reserved)}, ${number(memory.free)} free`,
    `RAM    ${bar(ram.used / ram.size)} ${number(ram.used)} of ${number(ram.size)} octets declared`,
    ...[issuer, ...others].flatMap((domain) => ['', ...draw(domainBranch(domain))]),
    ...drawFiles(files),
  ].join('\n')
}

const barLength = 24
/** Anything at all is one step of the bar. */
function bar(part: number): string {
  const filled = Math.min(barLength, Math.ceil(part * barLength))
  return `${'█'.repeat(filled)}${'░'.repeat(barLength - filled)}`
}

function draw({ label, details, below }: Branch): readonly string[] {
  const stem = below.length > 0 ? '│ ' : '  '
  return [
    label,
    ...details.map((detail) => `${stem} ${detail}`),
    ...below.flatMap((branch, at) => {
      const last = at === below.length - 1
      const [first = '', ...rest] = draw(branch)
      return [`${last ? '└─' : '├─'} ${first}`, ...rest.map((line) => `${last ? '   ' : '│  '}${line}`)]
    }),
  ]
}

const titled = (aid: string, what: string, state: string): string => `${aid}  ${known[aid] ?? what} · ${state}`

const rightsOf = ({ privileges, kind }: ApplicationDescription): readonly string[] => {
  const told = privileges.filter((privilege) => kind !== 'securityDomain' || privilege !== 'securityDomain').map(words)
  return told.length === 0 ? [] : filled('may', told)
}

const widest = 88
/** Broken into lines that a terminal holds. */
function filled(first: string, parts: readonly string[]): readonly string[] {
  const lines = [first]
  for (const [at, part] of parts.entries()) {
    const said = at < parts.length - 1 ? `${part},` : part
    const line = `${lines.at(-1)} ${said}`
    if (line.length <= widest) lines[lines.length - 1] = line
    else lines.push(`${' '.repeat(first.length)} ${said}`)
  }
  return lines
}

const kept = (reserved: number): string => (reserved === 0 ? '' : `, ${number(reserved)} more reserved`)

/** What it keeps and may still take, where its installation said something about it. */
function spaceOf({ memory, space: { reserved, quota, free } }: ApplicationDescription): readonly string[] {
  const said = [
    ...(reserved === 0 ? [] : [`${number(reserved)} reserved`]),
    ...(quota === undefined ? [] : [`${number(quota)} at most`]),
  ]
  return said.length === 0 ? memoryOf(memory) : [`${number(memory)} octets, ${said.join(', ')}, ${number(free)} left`]
}

const memoryOf = (octets: number): readonly string[] => (octets === 0 ? [] : [`${number(octets)} octets`])

function domainBranch(domain: DomainDescription): Branch {
  const { aid, kind, state, protocols, tars, keys, loadFiles, applications, domains } = domain
  return {
    label: titled(aid, kinds[kind], state),
    details: [
      ...rightsOf(domain),
      ...(protocols.length === 0 ? [] : [protocols.join(', ')]),
      ...(tars.length === 0 || !keys.some(({ bearer }) => bearer === 'SCP80') ? [] : [`TAR ${tars.join(', ')}`]),
      ...keys.map(keysLine),
      ...spaceOf(domain),
      ...(keys.length === 0 ? ['no keys of its own: those of the domain above serve'] : []),
    ],
    below: [
      ...loadFiles.map(({ aid, version, modules, memory }) => ({
        label: `${aid}  ${known[aid] ?? 'load file'} ${version}`,
        details: [`module ${modules.join(', ')}`, ...memoryOf(memory)],
        below: [],
      })),
      ...applications.map((one) => ({
        label: titled(one.aid, kinds[one.kind], one.state),
        details: [
          ...rightsOf(one),
          ...(one.loadFile === undefined ? [] : [`of load file ${one.loadFile}`]),
          ...spaceOf(one),
        ],
        below: [],
      })),
      ...domains.map(domainBranch),
    ],
  }
}

/** Names of key versions that have one use: GP UICC Configuration §4. */
const uses: Readonly<Record<string, string>> = {
  '11': 'DAP',
  '70': 'tokens',
  '71': 'receipts',
  '73': 'DAP',
  '74': 'CASD',
  '75': 'ciphered load files',
}

const airUses = { SCP80: 'short messages', SCP81: 'administration over HTTP' } as const

function keysLine({ version, bearer, sessions, keys }: Keys): string {
  const [first] = keys
  const alike = keys.every(({ type, bits }) => type === first?.type && bits === first.bits)
  const what =
    alike && first !== undefined
      ? `${keys.length > 1 ? `${keys.length} × ` : ''}${typeOf(first)}`
      : keys.map(typeOf).join(', ')
  const use = bearer === undefined ? uses[version] : airUses[bearer]
  const checkValues = keys.flatMap(({ checkValue }) => checkValue ?? [])
  return [
    `keys ${version}  ${what}${use === undefined ? '' : ` for ${use}`}`,
    ...(checkValues.length === 0 ? [] : [`check values ${checkValues.join(' ')}`]),
    ...(use === undefined ? [`${sessions} sessions so far`] : bearer === 'SCP80' ? [`last counter ${sessions}`] : []),
  ].join(' · ')
}

/** Of an uncompressed point, 04 ‖ x ‖ y, the curve has half as many bits. */
const typeOf = ({ type, bits }: Keys['keys'][number]): string =>
  type === 'ECC public key'
    ? `P-${(bits - 8) / 2} public key`
    : type.startsWith('RSA')
      ? `RSA-${bits} public key`
      : `${type}-${bits}`

function drawFiles(files: readonly FileSeen[]): readonly string[] {
  return files.length === 0
    ? []
    : [
        '',
        'files',
        ...files.map(
          ({ path, name, kind, content }) =>
            `  ${path.padEnd(10)}${name.padEnd(10)}${kind}${content === undefined ? '' : `  ${content}`}`,
        ),
      ]
}
