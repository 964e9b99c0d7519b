/** ./jpki ceremony as officers and an operator meet it: from the file to the certificates, errors in words and for machines. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { needs } from '../../test/needs.ts'

describe('./jpki ceremony', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-ceremony-commands-'))
    for (const name of ['hanako', 'taro', 'jiro']) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const pem = { type: 'pkcs8', format: 'pem' } as const
      const cipher = name === 'taro' ? { cipher: 'aes-256-cbc', passphrase: 'taro opens it' } : {}
      await writeFile(join(directory, `${name}.pem`), privateKey.export({ ...pem, ...cipher }), { mode: 0o600 })
      await writeFile(join(directory, `${name}.pub.pem`), publicKey.export({ type: 'spki', format: 'pem' }))
    }
    const caKeys = { provider: 'files', kind: 'p-256', made: 'by-ceremony' }
    await writeFile(join(directory, 'jpki-system.json'), JSON.stringify({ dataDirectory: 'data', caKeys, tls: {} }))
  })
  after(() => rm(directory, { recursive: true }))

  const ceremony = (...args: readonly string[]) => {
    const program = join(import.meta.dirname, '..', 'cli.ts')
    const env = { ...process.env, TARO: 'taro opens it', WRONG: 'something else' }
    return spawnSync(process.execPath, [program, 'ceremony', ...args], { encoding: 'utf8', cwd: directory, env })
  }
  const here = ['--configuration', 'jpki-system.json'] as const
  const publicKeys = ['hanako.pub.pem', 'taro.pub.pem', 'jiro.pub.pem'] as const
  const newFirst = ['new', 'first.json', ...publicKeys, '--purpose', '最初の鍵', ...here] as const

  it('goes from a file over its approvals to keys and papers', async () => {
    const made = ceremony(...newFirst)
    assert.equal(made.status, 0, made.stderr)
    assert.match(made.stdout, /makes the first key of a CA/)
    const digest = /SHA-256 of the file +([0-9a-f ]+)/.exec(made.stdout)?.[1] ?? ''

    const first = ceremony('approve', 'first.json', '--key', 'hanako.pem', '--digest', digest.trim())
    assert.match(first.stdout, /hanako approved [0-9a-f ]+: first\.json\.hanako\.sig/)
    const early = ceremony('run', 'first.json', ...here, '--json')
    assert.equal(early.status, 1)
    assert.equal(JSON.parse(early.stderr).type, 'urn:jpki:problem:ceremony.not-approved')

    const second = ceremony('approve', 'first.json', '--key', 'taro.pem', '--passphrase-variable', 'TARO', '--json')
    assert.deepEqual(JSON.parse(second.stdout).officer, 'taro')
    assert.match(ceremony('show', 'first.json', ...here).stdout, /approved by taro\n *standing +approved, not run/)

    const run = ceremony('run', 'first.json', ...here)
    assert.match(run.stdout, /approved by +hanako, officer from now on/)
    assert.match(run.stdout, /sign-1 +p-256 in the keyring, good until 20/)
    const record = JSON.parse(await readFile(join(directory, 'first.json.record.json'), 'utf8'))
    assert.deepEqual(JSON.parse(ceremony('run', 'first.json', ...here, '--json').stdout), record)
    assert.match(ceremony('show', 'first.json', ...here).stdout, /finished at/)
    const papers = (await readdir(directory)).filter((name) => name.endsWith('-1.pem'))
    assert.deepEqual(papers, ['first.json.auth-1.pem', 'first.json.sign-1.pem'])
  })

  it('asks the officers of record for the next one, and takes what openssl signed', { skip: needs('openssl') }, () => {
    const made = ceremony('new', 'next.json', '--authority', 'sign', '--purpose', '四年ごとの鍵更新', ...here, '--json')
    assert.equal(made.status, 0, made.stderr)
    for (const name of ['hanako', 'jiro'])
      spawnSync('openssl', ['dgst', '-sha256', '-sign', `${name}.pem`, '-out', `next.json.${name}.sig`, 'next.json'], {
        cwd: directory,
      })
    assert.match(ceremony('run', 'next.json', ...here).stdout, /approved by +jiro, officer of record[\s\S]*sign-2/)
  })

  it('says what is wrong, in words', async () => {
    const says = (pattern: RegExp, ...args: readonly string[]) => {
      const { stderr, status } = ceremony(...args)
      assert.notEqual(status, 0)
      assert.match(stderr, pattern)
    }
    says(/^error key\.not-found: .*none\.pem/, 'new', 'x.json', 'none.pem', '--purpose', 'x', ...here)
    const wrong = ['--passphrase-variable', 'WRONG']
    says(/^error key\.wrong-kind: .*passphrase/, 'approve', 'next.json', '--key', 'taro.pem', ...wrong)
    says(/^error reference\.not-found: .*none\.json/, 'run', 'next.json', '--configuration', 'none.json')
    says(/^error conditions\.not-satisfied: This ceremony is finished/, 'abandon', 'next.json', ...here)
    says(/^error conditions\.not-satisfied: next\.json is there/, 'new', 'next.json', '--purpose', 'x', ...here)
    await chmod(join(directory, 'hanako.pem'), 0o644)
    says(/^error conditions\.not-satisfied: .*chmod 600/, 'approve', 'next.json', '--key', 'hanako.pem')
  })
})
