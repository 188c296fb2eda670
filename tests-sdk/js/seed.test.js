// The ten methods of the page "Manage users", with the parameters of its examples.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administrator, fresh, remove, signedIn } from './place.js'

const client = administrator()

// The fields that the page promises of a user.
const ITEM = [
  'domain_id', 'user_id', 'email', 'role', 'description', 'phone', 'nick_name', 'user_name', 'status', 'avatar',
  'created_at', 'updated_at', 'default_drive_id',
]

function isItem(user) {
  for (const name of ITEM) {
    assert.equal(typeof user[name], name.endsWith('_at') ? 'number' : 'string', name)
  }
}

async function aUser(more = {}) {
  const made = await client.createUser({ user_id: fresh('id'), ...more })
  return made.user_id
}

test('createUser shows the user with what was given', async () => {
  const given = {
    user_id: 'id_123',
    phone: '135****8888',
    email: 'username@aliyundoc.com',
    nick_name: 'Nickname',
    user_name: 'Username',
    role: 'user',
  }
  const user = await client.createUser(given)
  isItem(user)
  for (const [name, value] of Object.entries(given)) {
    assert.equal(user[name], value)
  }
  assert.equal(client.last.status, 201)
  assert.equal(user.status, 'enabled')
  await remove(client, 'id_123')
})

test('createUser takes every parameter of the page', async () => {
  const given = { description: 'd', status: 'disabled', avatar: 'http://example.com/a.png', role: 'subdomain' }
  const user = await client.createUser({ user_id: fresh('id'), ...given })
  for (const [name, value] of Object.entries(given)) {
    assert.equal(user[name], value)
  }
})

test('listUsers answers with items, with and without parameters', async () => {
  const id = await aUser()
  const { items = [], next_marker } = await client.listUsers({ limit: 100, marker: '' })
  items.forEach(isItem)
  assert.ok(items.some((user) => user.user_id === id))
  assert.equal(next_marker, '')
  assert.ok(Array.isArray((await client.listUsers()).items))
  const page = await client.listUsers({ limit: '1' })
  assert.equal(page.items.length, 1)
  assert.ok(page.next_marker)
  assert.deepEqual(await client.all('/user/list'), (await client.listUsers()).items)
})

test('getUser shows the user', async () => {
  const id = await aUser()
  const user = await client.getUser({ user_id: id })
  isItem(user)
  assert.equal(user.user_id, id)
  assert.equal((await client.getUser()).user_id, 'superadmin')
})

test('generalGetUser shows drive and group besides', async () => {
  const { group_id } = await client.createGroup({ group_name: fresh('g') })
  const id = await aUser({ group_info_list: [{ group_id }] })
  const asked = { user_id: id, extra_return_info: ['drive', 'group'] }
  assert.equal((await client.generalGetUser(asked)).default_drive?.drive_id, undefined)
  await client.createDrive({ drive_name: 'd', owner: id, default: true })
  const user = await client.generalGetUser(asked)
  isItem(user)
  assert.equal(user.total, 'Infinity')
  assert.equal(user.used, '0')
  assert.deepEqual(user.parent_group.map((group) => group.group_id), [group_id])
})

test('updateUser disables a user', async () => {
  const id = await aUser()
  const user = await client.updateUser({ user_id: id, status: 'disabled' })
  assert.equal(user.status, 'disabled')
  const given = { role: 'admin', nick_name: 'n', description: 'd', email: 'e', phone: '1', avatar: 'http://a.cn/a' }
  const changed = await client.updateUser({ user_id: id, ...given })
  for (const [name, value] of Object.entries(given)) {
    assert.equal(changed[name], value)
  }
})

test('deleteUser answers with nothing', async () => {
  const id = await aUser()
  assert.equal(await client.deleteUser({ user_id: id }), '')
  assert.equal(client.last.status, 204)
  await assert.rejects(client.getUser({ user_id: id }), { status: 404, code: 'NotFound.User' })
})

test('searchUsers finds by a part of the name', async () => {
  const id = await aUser({ nick_name: 'A Test Name' })
  const { items = [] } = await client.searchUsers({ nick_name_for_fuzzy: 'test' })
  assert.ok(items.some((user) => user.user_id === id))
  const prefix = await client.searchUsers({ nick_name: 'test' })
  assert.ok(prefix.items.every((user) => user.user_id !== id))
})

test('generalSearchUsers finds in a group', async () => {
  const { group_id } = await client.createGroup({ group_name: fresh('g') })
  const id = await aUser({ nick_name: 'a test', group_info_list: [{ group_id }] })
  const asked = { nick_name_for_fuzzy: 'test', extra_return_info: ['drive', 'group'], limit: 30, marker: '' }
  const { items = [], next_marker } = await client.generalSearchUsers({ ...asked, direct_parent_group_id: group_id })
  assert.deepEqual(items.map((user) => user.user_id), [id])
  assert.equal(next_marker, '')
  const unknown = await client.generalSearchUsers({ ...asked, direct_parent_group_id: '123456' })
  assert.deepEqual(unknown.items, [])
  const below = await client.generalSearchUsers({ parent_group_id_list: [group_id] })
  assert.deepEqual(below.items.map((user) => user.user_id), [id])
})

test('listGroupUsers shows the members, to ordinary users too', async () => {
  const { group_id } = await client.createGroup({ group_name: fresh('g') })
  const { group_id: below } = await client.createGroup({ group_name: 'below', parent_group_id: group_id })
  const id = await aUser({ group_info_list: [{ group_id }] })
  for (const caller of [client, await signedIn(id)]) {
    const { items = [], next_marker } = await caller.listGroupUsers({ group_id })
    assert.deepEqual(items.map((item) => item.user_id ?? item.group_id), [below, id])
    assert.equal(next_marker, '')
    const users = await caller.listGroupUsers({ group_id, member_type: 'user', limit: 100, marker: '' })
    assert.deepEqual(users.user_items.map((item) => item.user_id), [id])
    const groups = await caller.listGroupUsers({ group_id, member_type: 'group' })
    assert.deepEqual(groups.group_items.map((item) => item.group_id), [below])
  }
})

test('importUser makes a user with an account and a drive', async () => {
  for (const [authentication_type, identity] of [['mobile', '135****8888'], ['email', 'username@example.com']]) {
    const given = {
      authentication_type,
      auto_create_drive: true,
      identity,
      drive_total_size: 1024 * 1024 * 1024,
      nick_name: 'W123',
    }
    const user = await client.importUser(given)
    isItem(user)
    assert.equal(client.last.status, 200)
    assert.equal(user[authentication_type === 'mobile' ? 'phone' : 'email'], identity)
    const drive = await client.getDrive({ drive_id: user.default_drive_id })
    assert.equal(drive.total_size, given.drive_total_size)
    await assert.rejects(client.importUser(given), { status: 409, code: 'AlreadyExist.Account' })
    await remove(client, user.user_id)
  }
})
