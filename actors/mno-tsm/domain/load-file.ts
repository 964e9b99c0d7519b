/** The applet's load file as SP handed it to the carrier. */
export { type LoadFile, readLoadFile } from '@mobile-jpki/content-management'
