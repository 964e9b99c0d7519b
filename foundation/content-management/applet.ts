/** An application that is to be in a security domain: what is missing, as steps. GPCS v2.3.1 §9.3, §9.4. */
import type { DapBlock } from '@mobile-jpki/globalplatform'
import { sameOctets } from '@mobile-jpki/tlv'
import type { LoadFile } from './load-file.ts'
import type { CardContent } from './registry.ts'
import { deleting, extraditing, type Installing, installing, loading, type Step } from './steps.ts'

export interface Wanted {
  readonly loadFile: LoadFile
  readonly codeSize: number
  readonly instance: Uint8Array
  readonly parameters: Installing['parameters']
  readonly dapBlocks: readonly DapBlock[]
  /** The security domain at the other end of the channel: it loads, and installs. */
  readonly by: Uint8Array
  /** Where the instance is to be. */
  readonly into: Uint8Array
}

/** Without `present`, of a card that holds nothing of it: it refuses where that is not so, and nothing has happened then. */
export function missingSteps(wanted: Wanted, blockLength: number, present?: CardContent): readonly Step[] {
  const { loadFile, instance, by, into } = wanted
  const found = present?.application(instance)
  const file = present?.loadFile(loadFile.aid)
  const isRight = file !== undefined && sameOctets(file.loadFileVersion ?? loadFile.version, loadFile.version)
  const load = loading({ ...wanted, securityDomain: by }, blockLength)
  const place = sameOctets(by, into) ? [] : [extraditing(instance, into)]
  if (found !== undefined && isRight)
    return found.securityDomain !== undefined && sameOctets(found.securityDomain, into) ? [] : place
  return [
    ...(found === undefined ? [] : [deleting(instance)]),
    ...(file === undefined || isRight ? [] : [deleting(loadFile.aid)]),
    ...(isRight ? [] : [load]),
    installing(wanted),
    ...place,
  ]
}
