/** ./jpki keyring rewrap: another master key for an actor's keyring. */
import { resolve } from 'node:path'
import { rewrap } from '@mobile-jpki/keyring'
import { command, flag } from '../../command.ts'

export default command({
  summary: 'seal all keys of a keyring under a new master key; the old one opens nothing any more',
  description:
    'DIR is the keys folder of one actor, as data/jpki-system/keys. Stop the actor first: it would go on with the old master key.\nInterrupted, it is run again and goes on.',
  options: { json: flag('the names of the keys, as JSON') },
  operands: ['DIR'],
  run: async ({ json }, [given = '']) => {
    const directory = resolve(given)
    const keys = await rewrap(directory)
    process.stdout.write(
      json
        ? `${JSON.stringify({ directory, keys })}\n`
        : `${[`${keys.length} keys of ${directory} are sealed under a new master key:`, ...keys].join('\n  ')}\n`,
    )
    return 0
  },
})
