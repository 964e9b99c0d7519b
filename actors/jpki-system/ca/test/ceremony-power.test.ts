/** A ceremony that is killed with SIGKILL anywhere, and run again: one generation, one key, the same record. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type SoftToken, skipWithoutSoftToken, softToken } from '@mobile-jpki/keyring/soft-token'
import { parseCertificate } from '@mobile-jpki/pkix'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../../test/needs.ts'
import { openAuthorities } from '../authorities.ts'
import type { CaKeySettings } from '../keys.ts'
import { officers, openRoom, type Room } from './ceremony-room.ts'
import type { Point } from './killed-process.ts'

const [hanako, taro] = officers

async function runIn({ directory, configuration }: Room, file: string, point: Point): Promise<string> {
  const settings = join(directory, 'configuration.json')
  await writeFile(settings, JSON.stringify(configuration))
  const process_ = spawn(process.execPath, [join(import.meta.dirname, 'killed-process.ts'), settings, file, point], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code, signal] = await once(process_, 'exit')
  return signal ?? String(code)
}

function survives(open: () => Promise<Room>, at: readonly Point[]): void {
  let room: Room
  before(async () => {
    room = await open()
  })
  after(() => room.close())

  for (const point of at)
    it(`when it is killed at the point: ${point}`, async () => {
      const before = (await room.world.register.generations.all()).length
      const file = await room.approved(await room.write(), hanako, taro)
      assert.equal(await runIn(room, file, point), 'SIGKILL')
      if (point === 'one key made') assert.equal(await runIn(room, file, point), 'SIGKILL')
      assert.equal(await runIn(room, file, 'never'), '0')
      const record = await readFile(`${file}.record.json`, 'utf8')
      assert.deepEqual(JSON.parse(record), await room.run(file))
      assert.equal((await room.world.register.generations.all()).length, before + 2)
      const { all } = await openAuthorities(room.world, room.world.keys, { kind: 'p-256', made: 'by-ceremony' })
      for (const { signer, certificate } of all)
        assert.deepEqual(signer.publicKey, parseCertificate(certificate).publicKey)
    })
}

describe('a ceremony over files and SQLite ends as one', () => {
  survives(() => openRoom(), ['begun', 'one key made', 'all keys made', 'finished'])
})

describe('a ceremony over files and PostgreSQL ends as one', { skip: needs('postgresql') }, () => {
  let cluster: Cluster
  survives(async () => {
    cluster = await startCluster()
    return openRoom({}, { databaseUrl: cluster.url })
  }, ['all keys made'])
  after(() => cluster.stop())
})

describe('a ceremony over a token ends as one', { skip: skipWithoutSoftToken }, () => {
  let soft: SoftToken
  survives(async () => {
    soft = await softToken()
    await soft.add('jpki-ca')
    const { module, pinFile } = soft
    return openRoom({ provider: 'pkcs11', module, token: 'jpki-ca', pinFile } as Partial<CaKeySettings>)
  }, ['one key made'])
  after(() => soft[Symbol.asyncDispose]())
})
