/** A visitor who reads Japanese, on a wide screen. */
import { visit } from './story.ts'

visit({ language: 'ja', size: 'desktop' })
