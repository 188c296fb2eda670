// What the SDK's own tests do, as scenarios.
//
// Source: reference/pds.md §19.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administrator, anonymous, app, domain, fresh, key, number, remove, signedIn } from './place.js'

const client = administrator()
const GIB = 1024 * 1024 * 1024

test('1: tokens for a user and for the service', async () => {
  const token = await anonymous().signIn({ app, key, claims: { sub: 'superadmin', aud: domain } })
  assert.ok(token.access_token && token.refresh_token)
  assert.equal(token.token_type, 'Bearer')
  assert.equal(token.user_id, 'superadmin')
  const next = await anonymous().refreshJwtToken(app, token)
  assert.equal(next.user_id, token.user_id)
  assert.notEqual(next.refresh_token, token.refresh_token)
  const service = await anonymous().signIn({ app, key, claims: { sub: domain, sub_type: 'service', aud: domain } })
  assert.equal(service.role, 'superadmin')
  assert.equal(service.status, 'enabled')
  assert.ok(service.refresh_token)
})

test('2: a user imported by number, and the drives', async () => {
  const given = { authentication_type: 'mobile', identity: number(), nick_name: 'n' }
  const user = await client.importUser({ ...given, auto_create_drive: true, drive_total_size: GIB })
  const owner = user.user_id
  const first = await client.getDrive({ drive_id: user.default_drive_id })
  assert.equal(first.total_size, GIB)
  const resized = await client.updateDrive({ drive_id: first.drive_id, total_size: 50000 })
  assert.equal(resized.total_size, 50000)
  const { items } = await client.listDrives({ owner_type: 'user', owner })
  assert.equal(items.filter((drive) => drive.drive_id === first.drive_id).length, 1)
  assert.equal(await client.deleteDrive({ drive_id: first.drive_id }), '')
  const { drive_id } = await client.createDrive({ drive_name: 'd', owner, total_size: GIB, default: true })
  const renamed = await client.updateDrive({ drive_id, drive_name: 'abcd' })
  assert.equal(renamed.drive_name, 'abcd')
  await client.deleteDrive({ drive_id, force: true })
  await client.deleteUser({ user_id: owner })
})

test('3: a user imported by address, without a drive', async () => {
  const identity = `${fresh('a')}@example.com`
  const user = await client.importUser({ authentication_type: 'email', identity, auto_create_drive: false })
  assert.ok(user.user_id)
  assert.equal(user.nick_name, identity)
  await client.deleteUser({ user_id: user.user_id })
})

test('4: a user created, shown and changed', async () => {
  const user_id = fresh('u')
  const calls = [
    client.createUser({ user_id, phone: number(), nick_name: 'n' }),
    () => client.getUser({ user_id }),
    () => client.generalGetUser({ user_id, extra_return_info: ['drive', 'group'] }),
    () => client.updateUser({ user_id, nick_name: 'm' }),
  ]
  for (const call of calls) {
    const user = await (call instanceof Function ? call() : call)
    assert.equal(user.user_id, user_id)
  }
  await client.deleteUser({ user_id })
})

test('5: an account linked to a user with another number', async () => {
  const user_id = fresh('u')
  const identity = number()
  await client.createUser({ user_id, phone: number(), nick_name: 'n' })
  const key = { type: 'mobile', identity, extra: '86' }
  await client.linkAccount({ user_id, ...key })
  assert.equal((await client.getAccountLink(key)).user_id, user_id)
  const { items } = await client.getAccountLinksByUserId({ user_id })
  assert.equal(items.length, 1)
  assert.equal(items[0].identity, identity)
  assert.equal(items[0].authentication_type, 'mobile')
  assert.equal(await client.unlinkAccount({ user_id, ...key }), '')
  await remove(client, user_id)
})

test('6: users outside of groups, and all users', async () => {
  assert.ok(Array.isArray((await client.listGroupUsers({ member_type: 'user' })).user_items))
  assert.ok(Array.isArray((await client.listUsers()).items))
  assert.ok(Array.isArray((await client.listUsers({ limit: 100 })).items))
})

test('7: users by their names', async () => {
  assert.ok(Array.isArray((await client.searchUsers({ nick_name: 'test' })).items))
  assert.ok(Array.isArray((await client.generalSearchUsers({ nick_name_for_fuzzy: 'test' })).items))
})

test('8: groups, their members and their administrators', async () => {
  const name = fresh('Test_Group')
  const a = await client.createGroup({ group_name: name, description: 'd' })
  const b = await client.createGroup({ group_name: 'b', parent_group_id: a.group_id })
  const member = { group_id: a.group_id, member_type: 'user', member_id: 'superadmin' }
  await client.addGroupMember(member)

  const resource = { manage_resource_type: 'RT_Group', manage_resource_id: a.group_id }
  const identity = { identity_type: 'IT_User', identity_id: 'superadmin' }
  await client.assignRole({ identity, role_id: 'SystemGroupAdmin', ...resource })
  assert.ok((await client.listAssignments(resource)).assignment_list.length > 0)
  await client.cancelAssignRole({ identity, role_id: 'SystemGroupAdmin', ...resource })
  assert.equal(((await client.listAssignments(resource)).assignment_list || []).length, 0)

  const users = { group_id: a.group_id, member_type: 'user' }
  assert.ok((await client.listGroupMembers(users)).user_items.length > 0)
  await client.removeGroupMember(member)
  assert.equal((await client.listGroupMembers(users)).user_items.length, 0)

  const { items } = await client.searchGroups({ group_name: 'Test_Group' })
  assert.ok(items.some((group) => group.group_id === a.group_id))
  const below = await client.listMembers(a.group_id, 'group')
  assert.deepEqual(below.map((group) => group.group_id), [b.group_id])
  assert.equal((await client.getGroup({ group_id: a.group_id })).group_name, name)
  const changed = await client.updateGroup({ group_id: a.group_id, group_name: `${name}_2` })
  assert.equal(changed.group_id, a.group_id)
  const renamed = await client.updateGroupName({ group_id: a.group_id, name: `${name}_3` })
  assert.equal(renamed.group_id, a.group_id)

  await assert.rejects(client.deleteGroup({ group_id: a.group_id }), { status: 409, code: 'StateConflict.Group' })
  await client.deleteGroup({ group_id: b.group_id })
  await client.deleteGroup({ group_id: a.group_id })
})

test('9: memberships', async () => {
  const user_id = fresh('u')
  await client.createUser({ user_id })
  const { group_id } = await client.createGroup({ group_name: fresh('g'), is_root: true })
  const membership = { group_id, user_id, member_type: 'user', member_role: 'member' }
  assert.equal((await client.createMembership({ ...membership, description: '' })).user_id, user_id)
  assert.equal((await client.getMembership(membership)).user_id, user_id)
  assert.equal(await client.hasMember(membership), true)
  assert.equal((await client.updateMembership(membership)).user_id, user_id)
  assert.ok(Array.isArray((await client.listDirectParentMemberships({ ...membership, group_id: '' })).items))
  assert.equal((await client.listMembers(group_id, 'user')).length, 1)
  assert.equal(await client.deleteGroup({ group_id }), '')
  await client.deleteUser({ user_id })
})

test('10: the drive of a team', async () => {
  const { group_id } = await client.createGroup({ group_name: fresh('g') })
  const given = { drive_name: 'team', owner: group_id, owner_type: 'group', total_size: GIB }
  const { drive_id } = await client.createDrive({ ...given, disable_assign_group_default_permission: true })
  const { items } = await client.searchDrives({ owner_type: 'group' })
  assert.ok(items.length > 0 && items.every((drive) => drive.owner_type === 'group'))
  const mine = await client.listMyGroupDrives({ limit: 100 })
  assert.ok(mine.items.some((drive) => drive.drive_id === drive_id))
  assert.ok('root_group_drive' in mine)
  await client.deleteDrive({ drive_id, force: true })
  await client.deleteGroup({ group_id })
})

test('11: the quota, and the domain without its name', async () => {
  assert.equal((await client.getQuota()).size_quota, 0)
  assert.equal((await client.post('/domain/get', {})).domain_id, domain)
})

test('12: another verb, and no token', async () => {
  await assert.rejects(client.send('GET', '/user/get'), { status: 404, code: 'I404NF' })
  assert.equal(client.last.headers['x-ca-error-code'], 'I404NF')
  const nobody = anonymous()
  await assert.rejects(nobody.post('/user/get'), { status: 401, code: 'AccessTokenInvalid' })
  assert.ok(nobody.last.headers['x-ca-request-id'])
})

test('13: what an error says', async () => {
  await assert.rejects(client.getUser({ user_id: 'nobody' }), (error) => {
    assert.match(error.message, /^The resource user cannot be found\./)
    assert.ok(error.message.endsWith(` [status: 404] [code: NotFound.User] [reqId: ${error.reqId}]`))
    assert.match(error.reqId, /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
    return true
  })
})

test('every success names the request too', async () => {
  await client.getUser()
  assert.match(client.last.headers['x-ca-request-id'], /^[0-9A-F-]{36}$/)
  assert.match(client.last.headers['content-type'], /^application\/json/)
})

test('fields that the SDK adds say nothing', async () => {
  const extra = { donot_emit_error: true, donot_emit_notfound: true, custom_identity: 'c' }
  assert.equal((await client.getUser({ user_id: 'superadmin', ...extra })).user_id, 'superadmin')
})

// When another token is asked for.

test('a token that is none is made anew, once', async () => {
  const user_id = fresh('u')
  await client.createUser({ user_id })
  const caller = await signedIn(user_id)
  caller.token.access_token = 'nonsense'
  assert.equal((await caller.getUser()).user_id, user_id)
  assert.equal(caller.refreshes, 1)
})

test('a token whose time has come is made anew before it is sent', async () => {
  const user_id = fresh('u')
  await client.createUser({ user_id })
  const caller = await signedIn(user_id)
  assert.ok(Date.parse(caller.token.expire_time) > Date.now())
  caller.token.expire_time = '2021-08-12T05:04:28Z'
  assert.equal((await caller.getUser()).user_id, user_id)
  assert.equal(caller.refreshes, 1)
})

test('what another token would not help asks for none', async () => {
  const user_id = fresh('u')
  await client.createUser({ user_id })
  const caller = await signedIn(user_id)
  await assert.rejects(caller.listUsers(), { status: 403, code: 'ForbiddenNoPermission.User' })
  await assert.rejects(caller.getGroup({ group_id: 'none' }), { status: 404, code: 'NotFound.Group' })
  await client.updateUser({ user_id, role: 'admin' })
  await assert.rejects(caller.listUsers(), (error) => error.status === 403 && error.message.includes('UserRoleChanged'))
  assert.equal(caller.refreshes, 0)
})

test('for a user who has been disabled it ends with the refusal of a token', async () => {
  const user_id = fresh('u')
  await client.createUser({ user_id })
  const caller = await signedIn(user_id)
  await client.updateUser({ user_id, status: 'disabled' })
  await assert.rejects(caller.getUser(), (error) => {
    assert.equal(error.code, 'Forbidden')
    return error.status === 403 && error.message.includes('UserNotEnabled')
  })
  assert.equal(caller.refreshes, 0)
  caller.refresh = null
  await assert.rejects(caller.getUser(), (error) => {
    assert.equal(error.code, 'AccessTokenInvalid')
    return error.status === 401 && error.message.includes('UserNotEnabled')
  })
})

test('a form may be sent with a charset, and is answered in JSON', async () => {
  const refused = { status: 404, code: 'NotFound.App' }
  const form = 'grant_type=refresh_token&client_id=nobody&refresh_token=a%2Bb'
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  await assert.rejects(anonymous().send('POST', '/oauth/token', form, headers), refused)
  const same = { grant_type: 'refresh_token', client_id: 'nobody', refresh_token: 'a+b' }
  await assert.rejects(anonymous().postForm('/oauth/token', same), refused)
})
