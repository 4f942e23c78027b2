/* global pm, body, vars */
import {domainBase, folder, group, internal, patch, request, user} from './request.mjs';

const corp = `${internal}/admin/v1/domains/CORP`;
const users = `${domainBase('CORP')}/Users`;
const groups = `${domainBase('CORP')}/Groups`;

/** The refusal of a guard-rail: it says when to come again, and whom to ask. */
const stopped = (kind) => ({
  'it says in how many seconds to come again': () => {
    const seconds = Number(pm.response.headers.get('Retry-After'));
    pm.expect(seconds).to.be.within(1, 3600);
  },
  'it names the guard-rail': `() => pm.expect(body.detail).to.contain('guard-rail "${kind}"').and.contain('CORP')`,
});

/** The window of this kind that has refused something. */
const refusedWindow = (kind) => ({
  'the window is open': `() => {
    const windows = body.windows.filter((window) => window.kind === '${kind}' && window.refused > 0);
    pm.expect(windows).to.not.be.empty;
    pm.expect(windows[0].actor.type).to.equal('token');
  }`,
});

export const guardRails = folder('Guard-rails',
  'Caps on what one client takes away from a domain in a window of time. A change that would be one too many is answered 429, and '
  + 'nothing of it is done. See docs/guard-rails.md.', [
    request('Create a user who leaves', {
      post: users, body: user({userName: 'rail-one-{{run}}'}), expect: 201, schema: 'user', save: {user_id: 'id'},
    }),
    request('Create a user who stays', {
      post: users, body: user({userName: 'rail-two-{{run}}'}), expect: 201, schema: 'user', save: {other_id: 'id'},
    }),
    request('Create a group of both', {
      post: groups, body: group({displayName: 'rails-{{run}}', members: [{value: '{{user_id}}'}, {value: '{{other_id}}'}]}),
      expect: 201, schema: 'group', save: {group_id: 'id'},
    }),
    request('CORP caps memberships that are removed', {
      patch: corp, token: 'admin_token', expect: 200, schema: 'domain',
      body: {settings: {guardRails: {windowMinutes: 1, membershipRemovals: 1}}},
      tests: {
        'the caps are shown': () => pm.expect(body.settings.guardRails).to.eql({windowMinutes: 1, membershipRemovals: 1}),
      },
    }),
    request('To empty the group takes too much away', {
      patch: `${groups}/{{group_id}}`, body: patch({op: 'remove', path: 'members'}), expect: 429, schema: 'scim_error',
      tests: stopped('membershipRemovals'),
    }),
    request('Both are still in it', {
      get: `${groups}/{{group_id}}`, expect: 200, schema: 'group',
      tests: {'nothing is half done': () => pm.expect(body.members).to.have.lengthOf(2)},
    }),
    request('How it stands', {
      get: `${corp}/guard-rails`, token: 'admin_token', expect: 200, schema: 'guard_rails', tests: refusedWindow('membershipRemovals'),
    }),
    request('The operator finds it in the audit', {
      get: `${internal}/admin/v1/audit`, query: {action: 'guardrail.reached', count: 1}, token: 'admin_token', expect: 200,
      tests: {'who, and where': () => pm.expect(body.events[0]).to.include({action: 'guardrail.reached', domain: 'CORP'})},
    }),
    request('The operator lifts them', {
      patch: corp, token: 'admin_token', expect: 200, schema: 'domain',
      body: {settings: {guardRails: {liftedUntil: '2999-01-01T00:00:00Z'}}},
      tests: {'the caps stay': () => pm.expect(body.settings.guardRails.membershipRemovals).to.equal(1)},
    }),
    request('The group is emptied', {
      patch: `${groups}/{{group_id}}`, body: patch({op: 'remove', path: 'members'}), expect: 204,
    }),
    request('A cap that cannot be', {
      patch: corp, token: 'admin_token', expect: 400, code: 'POL-1022', body: {settings: {guardRails: {deletes: 0}}},
    }),
    request('CORP has no guard-rails any more', {
      patch: corp, token: 'admin_token', expect: 200, schema: 'domain', body: {settings: {guardRails: null}},
      tests: {'they are gone': () => pm.expect(body.settings.guardRails).to.equal(null)},
    }),
    request('The group is removed', {delete: `${groups}/{{group_id}}`, expect: 204}),
    request('The user who leaves is removed', {delete: `${users}/{{user_id}}`, expect: 204}),
    request('And so is the other', {
      delete: `${users}/{{other_id}}`, expect: 204,
      tests: {'the run is its own': () => pm.expect(vars.get('run')).to.have.lengthOf(6)},
    }),
  ]);
