/** Which programs are genuine JPKI applets of a town: those that it ever gave out, by the hash of their load file data block. GPCS v2.3.1 §9.3.9. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'

const Given = z.array(z.base64())

/** With today's; in base64. A SIM that got an earlier one is still believed. */
export async function appletsGivenOut(file: string, loadFile: Uint8Array): Promise<readonly string[]> {
  const today = createHash('sha256').update(loadFile).digest('base64')
  const before = Given.parse(JSON.parse(await readFile(file, 'utf8').catch(() => '[]')))
  if (before.includes(today)) return before
  const all = [...before, today]
  await writeFile(file, JSON.stringify(all), { mode: 0o600 })
  return all
}
