/** ./jpki sim show: a SIM as a picture in text. */
import { Refusal } from '@mobile-jpki/refusal'
import { describeCard } from '@mobile-jpki/sim'
import { command, flag } from '../../command.ts'
import { filesOf } from '../../sim/file-walk.ts'
import { picture } from '../../sim/picture.ts'
import { openTarget, targetOptions } from '../../sim/target.ts'

export default command({
  summary: 'draw a SIM: security domains, keys, applications, memory, files',
  description: 'Of keys only version, type and check value are told.',
  options: { ...targetOptions, json: flag('the same as JSON') },
  run: async ({ json, ...where }) => {
    const { card, nvm, close } = await openTarget(where)
    try {
      if (nvm === undefined)
        throw new Refusal('store.busy', 'The running town holds the memory of the SIM; ./jpki sim apdu speaks with it.')
      const seen = describeCard(nvm)
      const files = await filesOf(card)
      process.stdout.write(`${json ? JSON.stringify({ ...seen, files }) : picture(seen, files)}\n`)
      return 0
    } finally {
      close()
    }
  },
})
