/** The same town on PostgreSQL: the servers keep nothing in files, and a restart finds everything. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { certificateInSim, deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../test/needs.ts'
import { download } from '../../demo/download.ts'
import { useAsCard, useOverNet } from '../../demo/use.ts'
import { personAt, pin, temporaryFolder } from '../../stories/stage/town.ts'
import { freePortBase, portsFrom } from '../layout.ts'
import { startTown } from '../town.ts'

describe('a town on PostgreSQL', { skip: needs('postgresql') }, () => {
  it('downloads, restarts, and logs in with what it kept', async () => {
    const cluster: Cluster = await startCluster()
    const data = await temporaryFolder()
    const settings = { data, ports: portsFrom(await freePortBase()), databaseUrl: cluster.url }
    try {
      const first = await startTown(settings)
      await download(personAt({ data, places: first.places })).finally(first.close)
      for (const house of ['sp-tsm', 'mno-tsm', 'jpki-system', 'municipality'])
        assert.ok(!existsSync(join(data, house, `${house}.db`)), `${house} keeps a file`)

      const second = await startTown(settings)
      try {
        const device = deviceAt(second.places.phone)
        assert.equal((await certificateInSim(device))?.triesLeft, 3)
        await useAsCard(device, pin)
        await useOverNet(device, second.places.relyingParty, pin)
      } finally {
        await second.close()
      }
    } finally {
      await cluster.stop()
      await rm(data, { recursive: true, force: true })
    }
  })
})
