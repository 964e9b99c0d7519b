/**
 * What an act does, step by step. Every step may be done again without harm: a counter that was interrupted finds the card as it left it,
 * and asks the JPKI system the same once more.
 */
import { type CertificateUse, certificateUses, mayHaveSignCertificate } from '@mobile-jpki/jpki'
import type { CardOrder, CounterCard } from '@mobile-jpki/my-number-card/contract'
import { parseCertificate } from '@mobile-jpki/pkix'
import { fourItemsOf } from './items.ts'
import { placeOf } from './municipalities.ts'
import { type Act, after, type Card, type PresentCard, type Resident } from './resident.ts'
import type { Pins, World } from './world.ts'

export const pinContext = (id: string): string => `municipality/pins/${id}`

/** The resident as the act leaves one; to write that down is the caller's. */
export async function perform(world: World, resident: Resident, act: Act): Promise<Resident> {
  const { act: _, ...now } = { ...resident, state: after(act.event, resident.state) }
  switch (act.event) {
    case 'issue':
    case 'renew':
    case 'find':
      return { ...now, ...(await newCard(world, resident, act.card)) }
    case 'renewCertificates':
      return { ...now, ...(await newCertificates(world, resident)) }
    case 'move':
    case 'rename':
    case 'correct':
      return { ...now, items: act.items, municipality: act.municipality, ...(await newItems(world, resident, act)) }
    case 'stop':
      await report(world, resident, 'cardStopped')
      return now
    case 'lose':
      await report(world, resident, 'cardLost')
      return withoutCard(now)
    case 'giveBack':
      await report(world, resident, 'cardReturned')
      return withoutCard(now)
    case 'die':
      await report(world, resident, 'died')
      return now
    case 'emigrate':
      await report(world, resident, 'emigrated')
      return now
  }
}

function withoutCard({ card: _, ...resident }: Resident): Resident {
  return resident
}

/** A person without a certificate is not known there. */
async function report(
  { jpkiSystem }: World,
  { knownBy }: Resident,
  event: Parameters<World['jpkiSystem']['report']>[0]['event'],
): Promise<void> {
  if (knownBy !== undefined) await jpkiSystem.report({ card: knownBy, event })
}

async function newCard(world: World, resident: Resident, { number, expires }: Card) {
  using card = await world.cards.open(resident.id, number)
  if (!card.isPersonalised()) await card.personalise({ serialNumber: number, pins: await pinsOf(world, resident) })
  const certificates = await certified(world, resident, card, { number, expires })
  await world.cards.handOver(resident.id, number)
  return certificates
}

async function pinsOf({ residents, vault }: World, { id }: Resident): Promise<CardOrder['pins']> {
  const sealed = await residents.sealedPins(id)
  if (sealed === undefined) throw new Error('an act that makes a card keeps the PINs for it')
  const { auth, sign }: Pins = JSON.parse(new TextDecoder().decode(await vault.open(sealed, pinContext(id))))
  return { auth, ...(sign !== undefined && { sign }) }
}

/** New keys in the card that the person has, of each use that it has a key of. */
async function newCertificates(world: World, resident: Resident) {
  const present = cardOf(resident)
  using card = await world.cards.open(resident.id, present.number)
  for (const use of certificateUses)
    if (card.publicKeys()[use] !== undefined && needsKey(card, use, present[use])) await card.renewKey(use)
  return await certified(world, resident, card, present)
}

/** Not when it waits for a certificate, and not when the certificate in it is a newer one than we know of. */
const needsKey = (card: CounterCard, use: CertificateUse, known: string | undefined): boolean =>
  !card.awaitsCertificate(use) && serialNumberIn(card.certificate(use)) === known

async function certified({ jpkiSystem }: World, resident: Resident, card: CounterCard, { number, expires }: Card) {
  const { sign, auth = new Uint8Array() } = card.publicKeys()
  const { code, prefecture, city } = placeOf(resident.municipality)
  const reply = await jpkiSystem.enrol({
    fourItems: fourItemsOf(resident.items),
    municipality: { code, prefecture, city },
    cardExpires: expires,
    ...(resident.knownBy !== undefined && { renews: resident.knownBy }),
    ...(sign !== undefined && { signPublicKey: sign }),
    authPublicKey: auth,
  })
  put(card, 'auth', reply.authCertificate, reply.authCaCertificate)
  put(card, 'sign', reply.signCertificate, reply.signCaCertificate)
  const knownBy = parseCertificate(reply.authCertificate).serialNumber
  const signed = serialNumberIn(reply.signCertificate)
  return { card: { number, expires, auth: knownBy, ...(signed !== undefined && { sign: signed }) }, knownBy }
}

async function newItems(
  { jpkiSystem, cards, now }: World,
  resident: Resident,
  { items, municipality, newSignKey }: Extract<Act, { readonly items: unknown }>,
): Promise<{ card?: PresentCard }> {
  if (resident.knownBy === undefined) return {}
  const { code, prefecture, city } = placeOf(municipality)
  const change = {
    card: resident.knownBy,
    fourItems: fourItemsOf(items),
    municipality: { code, prefecture, city },
  }
  const asksForKey = newSignKey && resident.state === 'carded' && mayHaveSignCertificate(items.birthDate, now())
  using card = asksForKey ? await cards.open(resident.id, cardOf(resident).number) : undefined
  if (card?.publicKeys().sign === undefined) {
    await jpkiSystem.changeItems(change)
    return {}
  }
  const present = cardOf(resident)
  if (needsKey(card, 'sign', present.sign)) await card.renewKey('sign')
  const signPublicKey = card.publicKeys().sign ?? new Uint8Array()
  const reply = await jpkiSystem.changeItems({ ...change, signPublicKey })
  put(card, 'sign', reply.signCertificate, reply.signCaCertificate)
  const sign = serialNumberIn(reply.signCertificate)
  return { card: { ...present, ...(sign !== undefined && { sign }) } }
}

function put(card: CounterCard, use: CertificateUse, certificate?: Uint8Array, caCertificate?: Uint8Array): void {
  if (certificate !== undefined && caCertificate !== undefined)
    card.putCertificates(use, { certificate, caCertificate })
}

const serialNumberIn = (certificate: Uint8Array | undefined): string | undefined =>
  certificate && parseCertificate(certificate).serialNumber

function cardOf({ card }: Resident): PresentCard {
  if (card === undefined) throw new Error('a resident who is carded or stopped has a card')
  return card
}
