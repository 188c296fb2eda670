// Calls to PDS as its JavaScript SDK makes them, by the same HTTP client: what goes into a request, what is read from
// an answer, and when a token is made anew. The SDK itself is not in the registry that the tests install from.
//
// Source: reference/pds.md §2.1, §2.2, §3.5, §6.2 and §13.

import { createSign, randomBytes } from 'node:crypto'
import axios from 'axios'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

// How often a token may be made anew for one call. The SDK itself knows no bound.
const MOST_REFRESHES = 3

export class PdsError extends Error {
  constructor({ status, code, message, reqId }) {
    super(`${message} [status: ${status}] [code: ${code}] [reqId: ${reqId}]`)
    Object.assign(this, { name: 'PDSError', status, code, reqId })
  }
}

// What the SDK reads from an answer that is none: the body where it is JSON by its type and its keys, else the headers.
function refusal(response) {
  const { status, headers, data } = response
  const reqId = headers['x-ca-request-id']
  if (headers['content-type']?.startsWith('application/json')) {
    return new PdsError({ status, code: data.code || '', message: data.message, reqId })
  }
  const code = headers['x-ca-error-code'] || 'ServerError'
  return new PdsError({ status, code, message: headers['x-ca-error-message'] || String(data), reqId })
}

export class Client {
  constructor({ endpoint, token = null, refresh = null }) {
    Object.assign(this, { endpoint, token, refresh, refreshes: 0 })
  }

  async send(method, path, data, headers) {
    const response = await axios({
      method,
      url: `${this.endpoint}/v2${path}`,
      data,
      headers: { 'pds-js-sdk': '1.4.0', ...headers },
      validateStatus: () => true,
    })
    this.last = response
    if (response.status < 200 || response.status > 299) {
      throw refusal(response)
    }
    return response.data
  }

  // Answers with the body; a call without parameters sends `{}`.
  async post(path, data = {}) {
    for (let attempt = 0; ; attempt += 1) {
      if (this.token && Date.parse(this.token.expire_time) < Date.now() && this.refresh) {
        await this.renew()
      }
      const proof = this.token ? { authorization: `Bearer ${this.token.access_token}` } : {}
      try {
        return await this.send('POST', path, data, { 'content-type': 'application/json', ...proof })
      } catch (error) {
        const renewable = /AccessTokenInvalid|TokenExpired/.test(error.code)
        if (!renewable || !this.refresh || attempt === MOST_REFRESHES) {
          throw error
        }
        await this.renew()
      }
    }
  }

  async renew() {
    this.token = await this.refresh()
    this.refreshes += 1
  }

  // Everything of a list, page by page.
  async all(path, data = {}) {
    const items = []
    let marker = ''
    do {
      const page = await this.post(path, { ...data, limit: 100, marker })
      items.push(...page.items)
      marker = page.next_marker
    } while (marker)
    return items
  }

  // Users.
  createUser = (data) => this.post('/user/create', data)
  importUser = (data) => this.post('/user/import', data)
  getUser = (data) => this.post('/user/get', data)
  listUsers = (data) => this.post('/user/list', data)
  searchUsers = (data) => this.post('/user/search', data)
  updateUser = (data) => this.post('/user/update', data)
  deleteUser = (data) => this.post('/user/delete', data)
  listGroupUsers = (data) => this.post('/user/list_group_user', data)

  async generalGetUser(data) {
    return withSizes(await this.post('/user/general_get', data))
  }

  async generalSearchUsers(data) {
    const page = await this.post('/user/general_search', data)
    return { ...page, items: page.items.map(withSizes) }
  }

  // Groups, memberships and administrators.
  createGroup = (data) => this.post('/group/create', data)
  getGroup = (data) => this.post('/group/get', data)
  searchGroups = (data) => this.post('/group/search', data)
  updateGroup = (data) => this.post('/group/update', data)
  updateGroupName = (data) => this.post('/group/update_name', data)
  deleteGroup = (data) => this.post('/group/delete', data)
  addGroupMember = (data) => this.post('/group/add_member', data)
  removeGroupMember = (data) => this.post('/group/remove_member', data)
  listGroupMembers = (data) => this.post('/group/list_member', data)
  listAllGroups = () => this.all('/group/list')
  createMembership = (data) => this.post('/membership/create', data)
  getMembership = (data) => this.post('/membership/get', data)
  updateMembership = (data) => this.post('/membership/update', data)
  hasMember = async (data) => (await this.post('/membership/has_member', data)).result
  listDirectChildMemberships = (data) => this.post('/membership/list_direct_child_memberships', data)
  listDirectParentMemberships = (data) => this.post('/membership/list_direct_parent_memberships', data)
  assignRole = (data) => this.post('/role/assign', data)
  cancelAssignRole = (data) => this.post('/role/cancel_assign', data)
  listAssignments = (data) => this.post('/role/list_assignment', data)

  // The groups directly in a group, or its users, as an old call of the SDK puts them together.
  async listMembers(group, type) {
    const { items } = await this.listDirectChildMemberships({ group_id: group, member_type: type })
    if (type === 'user') {
      return items
    }
    const groups = await this.listAllGroups()
    return items.map((item) => groups.find((found) => found.group_id === item.sub_group_id))
  }

  // Accounts.
  linkAccount = (data) => this.post('/account/link', { ...data, custom_identity: data.identity })
  unlinkAccount = (data) => this.post('/account/unlink', { ...data, custom_identity: data.identity })
  getAccountLink = (data) => this.post('/account/get_link_info', { ...data, custom_identity: data.identity })
  getAccountLinksByUserId = (data) => this.post('/account/get_link_info_by_user_id', data)

  // Drives and domains.
  createDrive = (data) => this.post('/drive/create', data)
  getDrive = (data) => this.post('/drive/get', data)
  listDrives = (data) => this.post('/drive/list', data)
  searchDrives = (data) => this.post('/drive/search', data)
  listMyGroupDrives = (data) => this.post('/drive/list_my_group_drive', data)
  updateDrive = (data) => this.post('/drive/update', data)
  deleteDrive = (data) => this.post('/drive/delete', data)
  getQuota = (data) => this.post('/domain/get_quota', data)

  // Tokens; these calls are anonymous.
  signIn({ app, key, claims }) {
    const form = { grant_type: JWT_BEARER, client_id: app, assertion: assertion(app, key, claims) }
    return this.postForm('/oauth/token', form)
  }

  postForm(path, form) {
    const pairs = Object.entries(form).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    return this.send('POST', path, pairs.join('&'), { 'content-type': 'application/x-www-form-urlencoded' })
  }

  refreshJwtToken(app, token) {
    const data = { app_id: app, grant_type: 'refresh_token', refresh_token: token.refresh_token, addition_data: {} }
    return this.send('POST', '/account/token', data, { 'content-type': 'application/json' })
  }
}

// What an app says of whom it speaks for, signed.
function assertion(app, key, claims) {
  const now = Math.floor(Date.now() / 1000)
  const jti = randomBytes(8).toString('hex').slice(0, 11)
  const body = { iss: app, sub_type: 'user', jti, exp: now + 300, iat: now - 300, auto_create: false, ...claims }
  const parts = [{ alg: 'RS256', typ: 'JWT' }, body]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`
}

// A user with what the SDK reckons from the extras.
function withSizes(user) {
  const { default_drive: drive, parent_group: groups } = user
  return {
    ...user,
    ...(drive && {
      total: drive.total_size === -1 ? 'Infinity' : drive.total_size.toFixed(0),
      used: drive.used_size.toFixed(0),
    }),
    ...(groups && { group_name: groups.map((group) => group.group_name).join(',') }),
  }
}
