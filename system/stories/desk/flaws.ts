/** What is wrong with a page as it stands on the screen: what runs out of it, and what is said in another language. */
import type { Frame } from 'playwright-core'

export type Language = 'ja' | 'en'

/** Looked at in the page. What stands in an element with its own `lang` is meant to. */
export const flawsIn = (frame: Frame, language: Language): Promise<string[]> =>
  frame
    .evaluate((wanted) => {
      const flaws: string[] = []
      const { documentElement: root, body } = document
      if (body === null || innerWidth === 0 || innerHeight === 0) return flaws
      if (root.scrollWidth > root.clientWidth + 1)
        flaws.push(`${root.scrollWidth - root.clientWidth} px wider than the screen`)
      const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      const nameOf = (element: Element) =>
        `${element.tagName.toLowerCase()} „${(element.textContent ?? '').trim().slice(0, 40)}“`
      for (const element of body.querySelectorAll('button, a, h1, h2, h3, p, label, legend, dt, dd, li, code')) {
        if (!isShown(element)) continue
        const { right, left, width } = element.getBoundingClientRect()
        // For screen readers alone.
        if (width <= 1) continue
        if (right > innerWidth + 1 || left < -1) flaws.push(`${nameOf(element)} runs out of the screen`)
        const { overflowX, textOverflow } = getComputedStyle(element)
        if (overflowX !== 'visible' && textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1)
          flaws.push(`${nameOf(element)} is cut off`)
      }
      const other =
        wanted === 'ja'
          ? /[A-Za-z]{2,}(?:[\s,.]+[A-Za-z]{2,}){3,}/
          : /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u
      const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
      for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
        // A name is a name: a site tells one, whatever language the person reads.
        const text = (node.textContent ?? '')
          .replace(/みほん[\p{Script=Han}\p{Script=Hiragana}]+|公的個人認証ログイン/gu, '')
          .trim()
        const around = node.parentElement
        if (text === '' || around === null || !isShown(around) || around.closest('script, style') !== null) continue
        if (/\bundefined\b|\[object |\bNaN\b/.test(text)) flaws.push(`says „${text.slice(0, 60)}“`)
        const speaks = around.closest('[lang]')
        const own = speaks?.getAttribute('lang') ?? wanted
        if (own === wanted && other.test(text)) flaws.push(`not in ${wanted}: „${text.slice(0, 60)}“`)
        if (speaks === root && own !== wanted) flaws.push(`in ${own}: „${text.slice(0, 60)}“`)
      }
      return [...new Set(flaws)]
    }, language)
    // A page that goes on to the next one meanwhile is looked at then.
    .catch(() => [])
