// Where the tests run: a server, a domain of it, and an app that may speak for everybody there.

import { readFileSync } from 'node:fs'
import { Client } from './client.js'

export const endpoint = process.env.PDS_ENDPOINT
export const domain = process.env.PDS_DOMAIN
export const app = process.env.PDS_APP
export const key = readFileSync(process.env.PDS_APP_KEY)
export const superadmin = JSON.parse(readFileSync(process.env.PDS_TOKEN))

let drawn = 0

// A text that no other test has.
export function fresh(name) {
  drawn += 1
  return `${name}_${process.pid}_${drawn}`
}

// An eleven-digit number that no other test has.
export function number() {
  drawn += 1
  return `138${String(process.pid % 10000).padStart(4, '0')}${String(drawn).padStart(4, '0')}`
}

export function anonymous() {
  return new Client({ endpoint })
}

// The administrator of everything.
export function administrator() {
  return new Client({ endpoint, token: superadmin })
}

// Someone else, and how they come by another token.
export async function signedIn(user) {
  const refresh = () => anonymous().signIn({ app, key, claims: { sub: user, aud: domain } })
  return new Client({ endpoint, token: await refresh(), refresh })
}

// Removes a user with the drives, as the SDK's own tests do.
export async function remove(client, user) {
  const { items } = await client.listDrives({ owner: user, owner_type: 'user' })
  for (const drive of items) {
    await client.deleteDrive({ drive_id: drive.drive_id, force: true })
  }
  await client.deleteUser({ user_id: user })
}
