/** Requests from a process of their own. */

import { given, say } from '../processes.ts'
import { type LoadPlan, load } from './load.ts'

say(await load(await given<LoadPlan>()))
