/** The interaction of one browser with the provider, over HTTP: hand-over page, its state, and the ways out of it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '@mobile-jpki/refusal'
import type { GoodHolder, Outcome } from '@mobile-jpki/relying-party'
import type Provider from 'oidc-provider'
import type { InteractionResults } from 'oidc-provider'
import { amr, type Client } from '../contract.ts'
import { proven } from '../domain/card-proof.ts'
import { begin, find, type Interaction, loggedIn, outcomeOf, refusalIn, refuse, speak } from '../domain/handover.ts'
import type { World } from '../domain/world.ts'
import { headersOf, type Page, pageOf } from '../page/frame.ts'
import { type Asked, refusedPage, waitingPage } from '../page/handover.ts'
import { languageOf, languages } from '../page/language.ts'
import { errorPage } from '../page/notices.ts'
import { oauthErrorOf, reasonOf } from '../page/reasons.ts'
import { errors } from './library.ts'

export interface InteractionSettings {
  readonly issuer: string
  readonly clients: readonly Client[]
  /** Where a browser logs in with a card; nobody listens there if not said. */
  readonly cardOrigin?: string | undefined
  /** Origins whose pages may show ours in a frame. */
  readonly frames: readonly string[]
}

/** What a request is about, read from the interaction that the browser's cookie names. */
interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly interaction: Interaction
  readonly asked: Asked
  readonly wanted: readonly string[]
}

export function interactionsOf(world: World, provider: Provider, settings: InteractionSettings) {
  const { issuer, clients, cardOrigin, frames } = settings
  const named = new Map(clients.map((client) => [client.clientId, client]))

  const visitOf = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<Visit> => {
    const { uid, exp, params } = await provider.interactionDetails(request, response)
    const [, , inPath] = url.pathname.split('/')
    if (uid !== inPath) throw new errors.SessionNotFound('interaction session and cookie differ')
    const client = named.get(String(params['client_id']))
    if (client === undefined) throw new errors.SessionNotFound('the client of this session is gone')
    const interaction = { uid, expires: new Date(exp * 1000) }
    const spoken = languages.find((language) => language === url.searchParams.get('lang'))
    if (spoken !== undefined) await speak(world, interaction, spoken)
    const kept = (await find(world, uid))?.language
    const language = spoken ?? kept ?? languageOf(params['ui_locales'], request.headers['accept-language'])
    const path = `/interaction/${uid}`
    const asked = {
      language,
      service: client.name[language],
      path,
      leadsTo: [...new Set(client.redirectUris.map((uri) => new URL(uri).origin))],
      cardUrl: cardOrigin && `${cardOrigin}/card/${uid}`,
    }
    return { request, response, url, interaction, asked, wanted: wantedIn(params) }
  }

  const show = (response: ServerResponse, page: Page, status = 200): void => {
    response.writeHead(status, { ...headersOf(page, frames) })
    response.end(pageOf(page))
  }

  const begun = ({ interaction, asked: { service, language } }: Visit) =>
    begin(world, interaction, { requester: service, language })

  const finished = ({ request, response }: Visit, result: InteractionResults) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })

  /** Back to the service with a code, or here with the reason. */
  const concluded = async (visit: Visit, ending: () => Promise<Outcome | GoodHolder>): Promise<void> => {
    try {
      const { account, acr } = await loggedIn(world, await ending(), visit.wanted)
      const login = { accountId: account, acr, amr: [...amr], ts: Math.floor(world.now().getTime() / 1000) }
      await finished(visit, { login })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      await refuse(world, visit.interaction, error.code)
      show(visit.response, refusedPage(visit.asked, error.code), 403)
    }
  }

  const acts: Readonly<Record<string, (visit: Visit) => Promise<void>>> = {
    'GET ': async (visit) => {
      const { uid } = visit.interaction
      const { login } = (await find(world, uid)) ?? (await begun(visit))
      const outcome = await outcomeOf(world, uid)
      if (outcome.state !== 'waiting') return concluded(visit, async () => outcome)
      show(visit.response, waitingPage(visit.asked, login, await refusalIn(world, uid)))
    },
    'GET state': async ({ response, interaction: { uid }, asked: { language } }) => {
      const [{ state }, code] = await Promise.all([outcomeOf(world, uid), refusalIn(world, uid)])
      const trouble = code && reasonOf(code, language)
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(JSON.stringify({ state, trouble }))
    },
    'GET card': async (visit) =>
      concluded(visit, () => proven(world, visit.interaction.uid, visit.url.searchParams.get('code') ?? '')),
    'POST finish': async (visit) => {
      const outcome = await outcomeOf(world, visit.interaction.uid)
      if (outcome.state === 'waiting') return redirect(visit.response, visit.asked.path)
      await concluded(visit, async () => outcome)
    },
    'POST again': async (visit) => {
      await begun(visit)
      redirect(visit.response, visit.asked.path)
    },
    'POST abort': async (visit) => {
      const refusal = await refusalIn(world, visit.interaction.uid)
      const told = { error: 'access_denied', error_description: 'The person went back without logging in.' }
      await finished(visit, refusal === undefined ? told : oauthErrorOf(refusal))
    },
  }

  /** A form of another site has no cookie of ours, except from another port of the same machine. */
  const isOurs = ({ method, headers }: IncomingMessage): boolean => method === 'GET' || headers.origin === issuer

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', issuer)
    const act = acts[`${request.method} ${url.pathname.split('/').slice(3).join('/')}`]
    const language = languageOf(undefined, request.headers['accept-language'])
    try {
      if (act === undefined || !isOurs(request)) throw new errors.SessionNotFound('there is no such session')
      await act(await visitOf(request, response, url))
    } catch (error) {
      const { told, status } = toldOf(error)
      show(response, errorPage(language, told), status)
    }
  }
}

function toldOf(error: unknown) {
  if (error instanceof errors.OIDCProviderError)
    return {
      told: { error: error.error, description: error.error_description ?? '' },
      status: error.statusCode,
    }
  if (error instanceof Refusal) return { told: { error: error.code, description: error.message }, status: 400 }
  throw error
}

const redirect = (response: ServerResponse, location: string): void => {
  response.writeHead(303, { location, 'content-length': '0' }).end()
}

/** OpenID Connect Core §5.5.1.1: an `acr` that the service marks as essential is insisted on. */
function wantedIn(params: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof params['claims'] !== 'string') return []
  const { id_token: { acr } = {} } = JSON.parse(params['claims']) as {
    id_token?: { acr?: { essential?: boolean; value?: string; values?: readonly string[] } | null }
  }
  if (acr?.essential !== true) return []
  return acr.values ?? (acr.value === undefined ? [] : [acr.value])
}
