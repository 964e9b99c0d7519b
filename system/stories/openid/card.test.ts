/**
 * Login by TLS client certificate: curl, with OpenSC's PKCS#11 module behind OpenSSL's engine, and the phone in a PC/SC reader. None of these
 * programs knows us. docs/protocols/openid.md.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { answer, asked, certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { type Attachment, attach } from '@mobile-jpki/vpcd'
import { type Island, islandTools, openIsland, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import * as client from 'openid-client'
import { Browser } from '../../../actors/openid-provider/test/browser.ts'
import { begun } from '../../../actors/openid-provider/test/house.ts'
import { shownOn } from '../../../actors/openid-provider/test/person.ts'
import { atPage, toldIn } from '../../../actors/openid-provider/test/service.ts'
import { needs, pathOf } from '../../../test/needs.ts'
import { download } from '../../demo/download.ts'
import { run } from '../stage/process.ts'
import { cardIn, openTown, personAt, pin, revoke, type StoryTown } from '../stage/town.ts'
import { openProvider, type StoryProvider } from './test/provider.ts'

const skip = needs(...islandTools, 'curl', 'opensc-pkcs11', 'pkcs11 engine') || refusesIslands()

describe('the phone in a reader, and curl', { skip }, () => {
  let town: StoryTown
  let provider: StoryProvider
  let island: Island
  let attachment: Attachment
  let jars = 0
  let serialNumber = ''
  let subject: string | undefined

  before(async () => {
    town = await openTown()
    await download(personAt(town))
    provider = await openProvider(town)
    // Before it lies in the reader: a reader resets its card when it likes.
    subject = await byApp()
    serialNumber = (await certificateInSim(town.device))?.serialNumber ?? ''
    island = await openIsland()
    attachment = attach(cardIn(town, 'SIM1'), { path: island.reader })
    await island.cardPresent()
    await writeFile(join(island.folder, 'service-ca.pem'), provider.serviceCa)
  })
  after(async () => {
    await attachment.detach()
    await island.close()
    await provider[Symbol.asyncDispose]()
    await town[Symbol.asyncDispose]()
  })

  /** How the service knows her by a login in the app. */
  async function byApp(): Promise<string | undefined> {
    const service = { ...provider, browser: new Browser((url) => !url.startsWith(provider.issuer)) }
    const { page, checks } = await atPage(service)
    const { site, loginId, number } = shownOn(page.text)
    await answer(town.device, await asked(town.device, site, loginId), loginId, { number, pin })
    const back = await service.browser.post(`${page.url}/finish`)
    return (await client.authorizationCodeGrant(provider.config, new URL(back.url), checks)).claims()?.sub
  }

  /** curl as a browser: a jar of cookies, one request, and where it is sent. */
  const curlWith =
    (jar: string) =>
    async (url: string, more: readonly string[] = []) => {
      const cookies = join(island.folder, jar)
      const sent = '%{stderr}%{http_code} %{redirect_url}'
      const { ended, said } = run('curl', ['-sS', '-b', cookies, '-c', cookies, '-w', sent, ...more, url], {
        ...island.environment,
        HOME: island.folder,
        PKCS11_MODULE_PATH: pathOf('opensc-pkcs11'),
      })
      const { status } = await ended
      assert.equal(status, 0, said.err)
      const [, code = '', redirect = ''] = /(\d{3}) (\S*)$/.exec(said.err) ?? []
      return { status: Number(code), redirect, text: said.out }
    }

  /** OpenSC's names for the certificate and key of user authentication; her PIN as PKCS#11 URIs carry it (RFC 7512 §2.4). */
  const token = encodeURIComponent('JPKI (User Authentication PIN)')
  const withCard = (chosen: string) => [
    ...['--cacert', join(island.folder, 'service-ca.pem'), '--engine', 'pkcs11', '--tls-max', '1.2'],
    ...['--cert-type', 'ENG', '--cert', `pkcs11:token=${token};type=cert;id=%01`],
    ...['--key-type', 'ENG', '--key', `pkcs11:token=${token};type=private;id=%01;pin-value=${chosen}`],
  ]

  /** From the service to the hand-over page, and by its link to where the card is asked for. */
  async function atReader(more: Readonly<Record<string, string>> = {}) {
    const curl = curlWith(`jar-${++jars}`)
    const { url, checks } = await begun({ ...provider, browser: new Browser(() => false) }, more)
    const { redirect: page } = await curl(url)
    const { text } = await curl(page)
    const [, link = ''] = /href="(https:[^"]+\/card\/[^"]+)"/.exec(text) ?? []
    assert.ok(link.startsWith(provider.cards), text)
    return { curl, page, link, checks }
  }

  it('log a person in, whom the service knows from her logins by app', async () => {
    const { curl, link, checks } = await atReader()
    const shown = await curl(link, withCard(pin))
    assert.ok(shown.redirect.startsWith(`${provider.issuer}/interaction/`), shown.redirect)
    const concluded = await curl(shown.redirect)
    const { redirect: callback } = await curl(concluded.redirect)
    const claims = (await client.authorizationCodeGrant(provider.config, new URL(callback), checks)).claims()
    assert.equal(claims?.sub, subject)
    assert.deepEqual([claims?.['acr'], claims?.['amr']], ['urn:mobile-jpki:acr:phone', ['hwk', 'pin']])
  })

  it('are asked for the card in the reader where the service insists on a My Number card, and a phone is not one', async () => {
    const acr = { essential: true, value: 'urn:mobile-jpki:acr:card' }
    const { curl, link } = await atReader({ claims: JSON.stringify({ id_token: { acr } }) })
    const { redirect } = await curl(link, withCard(pin))
    const refused = await curl(redirect)
    assert.equal(refused.status, 403)
    assert.match(refused.text, /certificate\.wrong-policy/)
  })

  it('come to nothing without the card, and the page says so', async () => {
    const { curl, link, page } = await atReader()
    const { redirect } = await curl(link, ['--cacert', join(island.folder, 'service-ca.pem')])
    assert.match((await curl(redirect)).text, /カードリーダーの電子証明書を受け取れませんでした[\s\S]*card\.absent/)
    const back = await curl(`${page}/abort`, ['-X', 'POST', '-H', `Origin: ${provider.issuer}`])
    assert.match(toldIn((await curl(back.redirect)).redirect).join(), /^access_denied,card\.absent: /)
  })

  it('are no use to another browser that follows the link', async () => {
    const { curl, link } = await atReader()
    const { redirect } = await curl(link, withCard(pin))
    const thief = await atReader()
    assert.equal((await thief.curl(redirect)).status, 400)
    assert.match((await curl(redirect)).redirect, /\/oidc\/authorization\//)
  })

  it('are refused when the certificate is revoked, and the service is told', async () => {
    await revoke(town, 'auth', serialNumber, 'keyCompromise')
    const { curl, link, page } = await atReader()
    const { redirect } = await curl(link, withCard(pin))
    assert.match((await curl(redirect)).text, /失効しています/)
    const back = await curl(`${page}/abort`, ['-X', 'POST', '-H', `Origin: ${provider.issuer}`])
    assert.match(toldIn((await curl(back.redirect)).redirect).join(), /^access_denied,certificate\.revoked: /)
  })
})
