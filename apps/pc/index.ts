/** Application from a PC with a card reader: the site's page with its server, and the helper that speaks PC/SC. */
export { buildHelperPage, buildPcPage } from './build.ts'
export { startCardHelper } from './card-helper/main.ts'
export { startPcPage } from './server/main.ts'
