/** The storage port of oidc-provider on our artifacts. Codes and client assertions are used once, also by two who come at the same time. */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import type { Artifacts, KeptArtifact } from '../domain/artifacts.ts'
import { errors } from './library.ts'

/** What goes with its grant. An interaction names one too, and outlives it: another person may be logging in. */
const granted = ['AccessToken', 'AuthorizationCode', 'BackchannelAuthenticationRequest']

/** What has no end of its own is kept as long as the longest that has one. */
const withoutEnd = 24 * 3600

export const adapterOn =
  ({ artifacts, now }: { readonly artifacts: Artifacts; readonly now: () => Date }): AdapterFactory =>
  (kind): Adapter => {
    const payloadOf = (found: KeptArtifact | undefined): AdapterPayload | undefined =>
      found && {
        ...found.content,
        ...(found.consumed !== undefined && { consumed: Math.floor(found.consumed.getTime() / 1000) }),
      }
    return {
      upsert: async (id, payload, expiresIn = withoutEnd) => {
        const grantId = granted.includes(kind) ? payload.grantId : undefined
        const uid = kind === 'Session' ? payload.uid : undefined
        const expires = new Date(now().getTime() + expiresIn * 1000)
        const artifact = { content: { ...payload }, expires, grantId, uid }
        if (kind !== 'ReplayDetection') return artifacts.save(kind, id, artifact)
        if (!(await artifacts.saveOnce(kind, id, artifact)))
          throw new errors.InvalidClientAuth('client assertion tokens must only be used once')
      },
      find: async (id) => payloadOf(await artifacts.find(kind, id)),
      findByUid: async (uid) => payloadOf(await artifacts.findByUid(kind, uid)),
      findByUserCode: async () => undefined,
      consume: async (id) => {
        if (await artifacts.consume(kind, id, now())) return
        const grantId = (await artifacts.find(kind, id))?.content['grantId']
        if (typeof grantId === 'string') await artifacts.removeGrant(grantId)
        throw new errors.InvalidGrant(`${kind} already consumed`)
      },
      destroy: (id) => artifacts.remove(kind, id),
      revokeByGrantId: (grantId) => artifacts.removeGrant(grantId),
    }
  }
