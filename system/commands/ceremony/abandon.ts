/** ./jpki ceremony abandon: gives up a ceremony that cannot be finished. */
import { abandonCeremony, readPapers } from '@mobile-jpki/jpki-system/ceremony'
import { command, flag } from '../../command.ts'
import { at, placeOptions, say } from './place.ts'

export default command({
  summary: 'give up a ceremony that is under way: its keys are erased, its file is void',
  options: { ...placeOptions, json: flag('what was abandoned, as JSON') },
  operands: ['FILE'],
  run: async ({ json, ...place }, [file = '']) => {
    const { ceremony } = await readPapers(file)
    await at(place, (world) => abandonCeremony(world, ceremony, { actor: 'operator' }))
    return say(json, { abandoned: ceremony.digest }, [`${file} is abandoned.`])
  },
})
