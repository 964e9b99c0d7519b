/** File control parameters: what SELECT and STATUS say of a file. ETSI TS 102 221 §11.1.1.3, §11.1.1.4. */
import { activated, FileControlParameters, fileDescriptors, linearFixed } from '@mobile-jpki/iso7816'
import { writeTlv } from '@mobile-jpki/tlv'
import type { CardContext } from '../domain/state.ts'
import { accessRules, pinStatus } from './access.ts'
import { contentOf, type Directory, type ElementaryFile, ids, usimAid } from './files.ts'

/** UICC characteristics, §11.1.1.4.6.1: clock stop allowed, voltage classes A to C. */
const characteristics = writeTlv(0x80, Uint8Array.of(0x71))

const ruleFiles = { mf: 0x2f06, usim: 0x6f06 } as const satisfies Record<Directory, number>

/** EF.ARR and the record in it, §11.1.1.4.7.3. */
const attributes = (directory: Directory, record: number): Uint8Array =>
  Uint8Array.of(ruleFiles[directory] >>> 8, ruleFiles[directory] & 0xff, record)

export const directoryParameters = (directory: Directory): Uint8Array =>
  FileControlParameters.encode({
    fileDescriptor: fileDescriptors.df,
    ...(directory === 'mf' ? { fileIdentifier: ids.mf } : { dfName: usimAid }),
    proprietary: characteristics,
    lifeCycleStatus: activated,
    securityAttributesReference: attributes(directory, accessRules.open.record),
    pinStatus,
  })

export function fileParameters(card: CardContext, directory: Directory, file: ElementaryFile): Uint8Array {
  const content = contentOf(card, directory, file)
  const { id, recordLength, shortIdentifier, access } = file
  return FileControlParameters.encode({
    fileDescriptor:
      recordLength === undefined ? fileDescriptors.transparent : linearFixed(recordLength, content.length),
    fileIdentifier: id,
    lifeCycleStatus: activated,
    securityAttributesReference: attributes(directory, accessRules[access].record),
    fileSize: content.reduce((sum, { length }) => sum + length, 0),
    ...(shortIdentifier !== undefined && { shortFileIdentifier: shortIdentifier }),
  })
}
