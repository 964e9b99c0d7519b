/** ./jpki sim new, profiles, show and apdu, as a person types them; what they say, and what they keep to themselves. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { simTypes } from '../carriers/carriers.ts'
import { type Command, parse } from '../command.ts'
import simApdu from '../commands/sim/apdu.ts'
import newSim from '../commands/sim/new.ts'
import { readIssuerKeys } from '../sim/files.ts'
import { readOperands, readScript } from '../sim/script.ts'

const cli = join(import.meta.dirname, '..', 'cli.ts')
let folder: string

async function jpki(args: readonly string[], input = '') {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, out, err }
}

async function must(...args: readonly string[]): Promise<string> {
  const { status, out, err } = await jpki(args)
  assert.equal(status, 0, err)
  return out
}

/** Before anything is said. */
const refused = async (declared: Command, args: readonly string[], words: RegExp) => {
  const { values, operands } = parse(declared, args)
  await assert.rejects(declared.run(values, operands), words)
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobile-jpki-sims-'))
})
after(() => rm(folder, { recursive: true, force: true }))

describe('./jpki sim new', () => {
  it('writes memory, chip key and issuer keys for the owner alone, and shows only check values', async () => {
    const made = JSON.parse(await must('sim', 'new', '--profile', 'b-uicc-2013', '--data', folder, '--json'))
    for (const file of Object.values<string>(made.files)) assert.equal((await stat(file)).mode & 0o777, 0o600, file)
    const keys = await readIssuerKeys(made.files.issuerKeys)
    const [set] = keys.keySets
    assert.equal(set?.enc.checkValue, made.keySets[0].checkValues.enc)
    for (const { key } of [set?.enc, set?.mac, set?.dek, keys.receiptKey].filter((one) => one !== undefined))
      assert.ok(!JSON.stringify(made).includes(key))
    assert.equal(made.overTheAirKeys.checkValues.kid, keys.overTheAirKeys?.kid.checkValue)
  })

  it('derives the keys of a carrier’s SIMs from the master keys of the folder', async () => {
    await must('sim', 'new', '--profile', 'd-uicc-2014', '--data', folder)
    await must('sim', 'new', '--profile', 'd-uicc-2014', '--data', join(folder, 'named.nvm'))
    const files = (await readdir(folder)).filter((file) => file.endsWith('.issuer-keys.json'))
    const all = await Promise.all(files.map((file) => readIssuerKeys(join(folder, file))))
    const undiversified = all
      .filter(({ simType }) => simType === 'd-uicc-2014')
      .map(({ keySets: [set] }) => set?.enc.key)
    assert.equal(undiversified.length, 2)
    assert.equal(new Set(undiversified).size, 1)
  })

  it('refuses what cannot be, and overwrites nothing', async () => {
    for (const [args, words] of [
      [['--profile', 'z-uicc'], /there are a-uicc-2016/],
      [['--profile', 'a-uicc-2016', '--iccid', '8981100000000000000'], /check digit .* should be/],
      [['--profile', 'a-uicc-2016', '--data', join(folder, 'named.nvm')], /is there already/],
      [['--profile', join(folder, 'own.json')], /There is no/],
    ] as const) {
      await refused(newSim, ['--data', folder, ...args], words)
    }
  })

  it('makes a SIM of an engineer’s own type', async () => {
    const types = JSON.parse(await must('sim', 'profiles', '--json'))
    assert.deepEqual(
      Object.keys(types),
      simTypes.map(({ name }) => name),
    )
    const own = join(folder, 'own.json')
    await writeFile(own, JSON.stringify({ ...types['a-uicc-2016'], memory: { nonVolatile: 65536, volatile: 2048 } }))
    await must('sim', 'new', '--profile', own, '--data', join(folder, 'own.nvm'))
    assert.match(await must('sim', 'show', '--sim', join(folder, 'own.nvm')), /· own\n.* of 65,536 octets/)
    await writeFile(own, JSON.stringify({ ...types['a-uicc-2016'], memory: { nonVolatile: 1, volatile: 2048 } }))
    await refused(newSim, ['--profile', own, '--data', folder], /memory\.nonVolatile/)
  })
})

describe('./jpki sim show and sim apdu', () => {
  const sim = () => join(folder, 'shown.nvm')
  const keys = () => join(folder, 'shown.issuer-keys.json')
  before(() => must('sim', 'new', '--profile', 'd-uicc-2016', '--data', sim(), '--iccid', '8981400000000000009'))

  it('draw domains, keys by check value, applications and files, and no key', async () => {
    const drawn = await must('sim', 'show', '--sim', sim())
    for (const part of [
      /^SIM 8981400000000000009 · d-uicc-2016$/m,
      /issuer security domain · SECURED/,
      /keys 31 {2}3 × AES-128 · check values (?:[0-9A-F]{6} ?){3}/,
      /keys 70 {2}P-256 public key for tokens/,
      /controlling authority \(CASD\) · SELECTABLE/,
      /└─ A0000001515350444150 {2}security domain/,
      /2FE2 +EF\.ICCID +10 octets {2}981804000000000000F9/,
    ])
      assert.match(drawn, part)
    for (const { enc, mac, dek } of (await readIssuerKeys(keys())).keySets)
      for (const { key } of [enc, mac, dek]) assert.ok(!drawn.includes(key))
    assert.equal(JSON.parse(await must('sim', 'show', '--sim', sim(), '--json')).iccid, '8981400000000000009')
  })

  it('decode commands and answers, and say by which rule the card refused', async () => {
    const said = await must('sim', 'apdu', '--sim', sim(), '--explain', '00A4040000', '80CA006600', '80F24002024F00')
    assert.match(said, /SELECT: p2: first/)
    assert.match(said, /GlobalPlatform 2\.3, SCP03 i=60, SCP02 i=35/)
    assert.match(
      said,
      /< 6982\n.*\n {2}because {3}This command needs a secure channel.*\n +GPCS §10\.4 \(channel\.needed\)/,
    )
  })

  it('show plain and protected forms in a secure channel, at the level and under the keys asked for', async () => {
    const args = ['sim', 'apdu', '--sim', sim(), '--secure', keys()]
    const said = await must(...args, '80F28002024F00')
    assert.match(said, /secure channel with A000000151000000: SCP03 i=60, level 33, key version 31/)
    assert.match(said, /> 80F28002024F00\n.*\n {2}sent {6}84F2800218[0-9A-F]+\n {2}received [0-9A-F ]+9000\n< E3/)
    assert.match(
      await must(...args, '--keys', '22', '--level', '03', '80F28002024F00'),
      /SCP02 i=35, level 03, key version 22/,
    )
    const options = ['--sim', sim(), '--secure', keys()]
    await refused(simApdu, [...options, '--level', '23', '00A4040000'], /offers levels 00, 01, 03, 11, 13, 33/)
    await refused(simApdu, [...options, '--keys', '77', '00A4040000'], /no keys of version 77/)
  })

  it('read a script: resets, comments, sessions opened and left', async () => {
    const script = '# who are you\nreset\n00 A4 04 00 \\\n  00\nsecure\n80F24002024F00\nplain\n80F24002024F00\n'
    const { status, out, err } = await jpki(['sim', 'apdu', '--sim', sim(), '--secure', keys(), '--json'], script)
    assert.equal(status, 0, err)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map(({ sw, reset, secureChannel }) => sw ?? (reset === undefined ? secureChannel.level : 'reset')),
      ['33', 'reset', '9000', '33', '9000', '6982'],
    )
    assert.equal(lines[5].refusal.rule, 'channel.mac')
    const wrongKeys = (await readFile(keys(), 'utf8')).replaceAll(/"key": "../g, '"key": "00')
    await writeFile(join(folder, 'wrong.json'), wrongKeys)
    await refused(
      simApdu,
      ['--sim', sim(), '--secure', join(folder, 'wrong.json'), '00A4040000'],
      /card cryptogram.*may be those of another SIM/,
    )
  })

  it('name the line that is no APDU', () => {
    assert.throws(() => readScript('00A4040000\n\nhello'), /line 3/)
    assert.throws(() => readOperands(['00A4']), /four octets/)
    assert.deepEqual(
      readOperands(['RESET', '00:A4:04:00']).map(({ kind }) => kind),
      ['reset', 'apdu'],
    )
  })
})
