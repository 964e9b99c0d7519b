/** ./jpki ceremony show: what a ceremony file says, who approved it, and how it stands. */
import {
  checkApproved,
  inWords,
  officerOf,
  officersOfRecord,
  type Papers,
  quorumsOf,
  readPapers,
} from '@mobile-jpki/jpki-system/ceremony'
import { Refusal } from '@mobile-jpki/refusal'
import { command, flag, table } from '../../command.ts'
import { at, type Place, placeOptions, say } from './place.ts'

export default command({
  summary: 'tell what a ceremony file says, its digest, and who approved it',
  description:
    'With --configuration or --data also how it stands there: whether the officers of record approved, what came of it.',
  options: { ...placeOptions, json: flag('the same as JSON') },
  operands: ['FILE'],
  run: async ({ json, ...place }, [file = '']) => {
    const papers = await readPapers(file)
    const { ceremony, approvals } = papers
    const told = approvals.map(({ file, signature }) => ({ file, officer: officerOf(ceremony, signature) ?? null }))
    const standing =
      place.configuration === undefined && place.data === undefined ? undefined : await standingOf(papers, place)
    const { digest, document } = ceremony
    return say(json, { digest, act: document.act, approvals: told, ...(standing !== undefined && { standing }) }, [
      ...table(inWords(ceremony)),
      ...table(
        told.map(({ file, officer }) => [
          file,
          officer === null ? 'by no officer named in it, or over another text' : `approved by ${officer}`,
        ]),
      ),
      ...(standing === undefined ? [] : table([['standing', standing]])),
    ])
  },
})

const standingOf = ({ ceremony, approvals }: Papers, place: Place): Promise<string> =>
  at(place, async ({ register }) => {
    const all = await register.ceremonies.all()
    const begun = all.find(({ digest }) => digest === ceremony.digest)
    if (begun?.record !== undefined) return `finished at ${begun.record.finishedAt}`
    if (begun !== undefined) return begun.outcome ?? `under way since ${begun.begunAt.toISOString()}: run it again`
    const signatures = approvals.map(({ signature }) => signature)
    try {
      checkApproved(ceremony, quorumsOf(ceremony, signatures, officersOfRecord(all)), signatures)
      return 'approved, not run'
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  })
