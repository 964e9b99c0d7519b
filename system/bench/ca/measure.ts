/** The CA, its lists and its validity nodes, each beside its limit. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Machine, machine } from '../figures.ts'
import { measureOcsp, type OcspFigures } from '../validity/ocsp.ts'
import { fill } from './fill.ts'
import { type IssueFigures, measureIssue } from './issue.ts'
import { type ListFigures, measureList } from './lists.ts'
import { openPlace } from './place.ts'
import { measureRevocation, type RevocationFigures } from './revocation.ts'

export interface CaFigures {
  readonly machine: Machine
  readonly issue: IssueFigures
  /** Over a small register and over a large one. */
  readonly ocsp: readonly OcspFigures[]
  readonly revocation: RevocationFigures
  readonly list: ListFigures
}

export interface CaSettings {
  /** In the large register. */
  readonly certificates: number
  /** In the list. */
  readonly revoked: number
  /** Of OCSP, for each register. */
  readonly seconds: number
  /** Issued in each round. */
  readonly issued: number
  readonly progress: (what: string) => void
}

const small = 1000
const asked = 20_000

export async function measureCa(data: string, settings: CaSettings): Promise<CaFigures> {
  const { certificates, revoked, seconds, issued, progress } = settings
  const inFolder = async <T>(name: string, work: (directory: string) => Promise<T>): Promise<T> => {
    const directory = join(data, name)
    await mkdir(directory)
    return work(directory).finally(() => rm(directory, { recursive: true }))
  }
  progress('issuing')
  const issue = await inFolder('issue', (directory) => measureIssue(directory, issued))
  const ocspOver = (size: number) =>
    inFolder(`validity-${size}`, async (directory) => {
      const place = await openPlace(directory)
      const saying = `${size.toLocaleString('en')} certificates`
      try {
        const filled = await fill(place, {
          certificates: size,
          asked: Math.min(asked, size),
          progress: (share) => progress(`${saying}: register ${Math.floor(share * 100)} % full`),
        })
        progress(`${saying}: OCSP`)
        const ocsp = await measureOcsp(place, filled, { certificates: size, seconds })
        progress(`${saying}: revocations`)
        return { ocsp, revocation: await measureRevocation(place, filled) }
      } finally {
        await place.close()
      }
    })
  const little = await ocspOver(small)
  const large = await ocspOver(certificates)
  const list = await inFolder('list', (directory) =>
    measureList(directory, revoked, (share) => progress(`revoked certificates: ${Math.floor(share * 100)} %`)),
  )
  return { machine: machine(), issue, ocsp: [little.ocsp, large.ocsp], revocation: large.revocation, list }
}
