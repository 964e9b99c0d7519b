/** A validity node in a process of its own. */
import { type Configuration, type Surroundings, start } from '@mobile-jpki/jpki-system/validity'
import { given, say } from '../processes.ts'

const { configuration, identity } = await given<{ configuration: Configuration; identity: Surroundings['identity'] }>()
const { url } = await start(configuration, { identity })
say({ url })
