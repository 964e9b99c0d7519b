/** ./jpki docs: writes the pages of docs/ that follow from declarations. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { command } from '../command.ts'
import { generatedPages } from '../documents.ts'

const house = join(import.meta.dirname, '..', '..')

export default command({
  summary: 'write the pages of docs/ that follow from the source: refusals, endpoints, life cycles',
  options: {},
  run: async () => {
    for (const [path, text] of Object.entries(await generatedPages())) {
      await mkdir(dirname(join(house, path)), { recursive: true })
      await writeFile(join(house, path), text)
      process.stdout.write(`${path}\n`)
    }
    return 0
  },
})
