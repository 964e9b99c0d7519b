/** A file that caches may ask for again: ETag, Last-Modified and 304. RFC 9110 §8.8, §13. */
import type { RawRequest } from '@mobile-jpki/service'

export interface Stamp {
  /** With its quotes: a strong validator. */
  readonly etag: string
  readonly lastModified: Date
  readonly cacheControl: string
}

const text = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.join(', ')

/** Is what the client has still what there is? `If-None-Match` goes before `If-Modified-Since` (§13.2.2). */
export function isCurrent(headers: RawRequest['headers'], { etag, lastModified }: Stamp): boolean {
  const known = text(headers['if-none-match'])
  if (known !== undefined)
    return known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
  const since = Date.parse(text(headers['if-modified-since']) ?? '')
  return lastModified.getTime() <= since
}

/**
 * A time is only told when its second is over: two lists may be of one second, and who has the first must not be told that it is the
 * second one (§8.8.2.2).
 */
export const stampHeaders = ({ etag, lastModified, cacheControl }: Stamp, now: Date): Record<string, string> => ({
  etag,
  'cache-control': cacheControl,
  ...(now.getTime() >= lastModified.getTime() + 1000 && { 'last-modified': lastModified.toUTCString() }),
})
