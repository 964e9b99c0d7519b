/** A visitor who reads English, on the screen of a phone. */
import { visit } from './story.ts'

visit({ language: 'en', size: 'phone' })
