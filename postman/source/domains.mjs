/* global pm, body, vars */
import {domainBase, folder, group, patch, request, scim, user} from './request.mjs';

const all = scim;
const corp = domainBase('CORP');

export const domainsFolder = folder('Domains',
  'One user, two base URLs: `/scim/v2` shows every domain and writes the name as `DOMAIN/name`, `/domains/CORP/scim/v2` shows one '
  + 'domain and writes it bare. Ids are the same.', [
    request('Create a user of CORP under the base of all domains', {
      post: `${all}/Users`, body: user({userName: 'CORP/dora-{{run}}'}), expect: 201, schema: 'user', save: {user_id: 'id'},
      tests: {'the name has its domain': () => pm.expect(body.userName).to.equal('CORP/dora-' + vars.get('run'))},
    }),
    request('Read it under the base of CORP', {
      get: `${corp}/Users/{{user_id}}`, expect: 200, schema: 'user',
      tests: {
        'the name is bare, the id the same': () => {
          pm.expect(body).to.include({id: vars.get('user_id'), userName: 'dora-' + vars.get('run')});
        },
      },
    }),
    request('It is not in PRIMARY', {get: `${domainBase('PRIMARY')}/Users/{{user_id}}`, expect: 404}),
    request('Find it by name among all domains', {
      get: `${all}/Users`, query: {filter: 'userName eq "CORP/dora-{{run}}"'}, expect: 200, schema: 'users',
      tests: {'it is found': () => pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('user_id')])},
    }),
    request('A bare name means PRIMARY: nobody', {
      get: `${all}/Users`, query: {filter: 'userName eq "dora-{{run}}"'}, expect: 200, schema: 'users',
      tests: {'nobody is found': () => pm.expect(body.totalResults).to.equal(0)},
    }),
    request('Find it by name in CORP', {
      get: `${corp}/Users`, query: {filter: 'userName eq "dora-{{run}}"'}, expect: 200, schema: 'users',
      tests: {'it is found': () => pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('user_id')])},
    }),
    request('Create a user of the same name in PRIMARY', {
      post: `${all}/Users`, body: user({userName: 'dora-{{run}}', displayName: 'Dora {{run}}'}), expect: 201, schema: 'user', save: {other_id: 'id'},
      tests: {'the name is bare': () => pm.expect(body.userName).to.equal('dora-' + vars.get('run'))},
    }),
    request('Give the one of CORP the same display name', {
      patch: `${corp}/Users/{{user_id}}`, body: patch({op: 'replace', path: 'displayName', value: 'Dora {{run}}'}),
      expect: 200, schema: 'user',
    }),
    request('Find both among all domains', {
      get: `${all}/Users`, query: {filter: 'displayName eq "Dora {{run}}"'}, expect: 200, schema: 'users',
      tests: {
        'each has the name of its domain': () => {
          pm.expect(body.Resources.map((user) => user.userName)).to.have.members(
            ['dora-' + vars.get('run'), 'CORP/dora-' + vars.get('run')]);
        },
      },
    }),
    request('Only those of one domain', {
      get: `${all}/Users`, query: {filter: 'displayName eq "Dora {{run}}"', domain: 'CORP'}, expect: 200, schema: 'users',
      tests: {
        'one is left': () => pm.expect(body.Resources.map((user) => user.userName)).to.eql(['CORP/dora-' + vars.get('run')]),
      },
    }),
    request('Those of a domain that does not exist', {
      get: `${all}/Users`, query: {domain: 'NOWHERE'}, expect: 400, scimType: 'invalidValue',
    }),
    request('A base of a domain that does not exist', {get: `${domainBase('NOWHERE')}/Users`, expect: 404}),
    request('A user cannot move to another domain', {
      patch: `${all}/Users/{{user_id}}`, body: patch({op: 'replace', path: 'userName', value: 'PRIMARY/dora2-{{run}}'}),
      expect: 400, scimType: 'mutability',
    }),
    request('A user can be renamed within its domain', {
      patch: `${all}/Users/{{user_id}}`, body: patch({op: 'replace', path: 'userName', value: 'CORP/dorothea-{{run}}'}),
      expect: 200, schema: 'user',
      tests: {'the name is the new one': () => pm.expect(body.userName).to.equal('CORP/dorothea-' + vars.get('run'))},
    }),
    request('Create a group in CORP', {
      post: `${corp}/Groups`, body: group({displayName: 'staff-{{run}}', members: [{value: '{{user_id}}'}]}),
      expect: 201, schema: 'group', save: {group_id: 'id'},
      tests: {
        'references keep the base that was asked': () => {
          pm.expect(body.displayName).to.equal('staff-' + vars.get('run'));
          pm.expect(body.members[0].$ref).to.equal(
            pm.variables.get('scim_url') + '/domains/CORP/scim/v2/Users/' + vars.get('user_id'));
        },
      },
    }),
    request('Read it under the base of all domains', {
      get: `${all}/Groups/{{group_id}}`, expect: 200, schema: 'group',
      tests: {
        'the names have their domain, and references this base': () => {
          pm.expect(body.displayName).to.equal('CORP/staff-' + vars.get('run'));
          pm.expect(body.members[0].display).to.equal('CORP/dorothea-' + vars.get('run'));
          pm.expect(body.members[0].$ref).to.equal(pm.variables.get('scim_url') + '/scim/v2/Users/' + vars.get('user_id'));
        },
      },
    }),
    request('Find it by name among all domains', {
      get: `${all}/Groups`, query: {filter: 'displayName eq "CORP/staff-{{run}}"'}, expect: 200, schema: 'groups',
      tests: {'it is found': () => pm.expect(body.Resources.map((group) => group.id)).to.eql([vars.get('group_id')])},
    }),
    request('Its member shows it', {
      get: `${all}/Users/{{user_id}}`, expect: 200, schema: 'user',
      tests: {
        'by the name with the domain': () => pm.expect(body.groups[0].display).to.equal('CORP/staff-' + vars.get('run')),
      },
    }),
    request('A user of another domain cannot be a member', {
      patch: `${all}/Groups/{{group_id}}`, body: patch({op: 'add', path: 'members', value: [{value: '{{other_id}}'}]}),
      expect: 400, scimType: 'invalidValue',
    }),
    request('Delete the group', {delete: `${all}/Groups/{{group_id}}`, expect: 204}),
    request('Delete the user of CORP', {delete: `${corp}/Users/{{user_id}}`, expect: 204}),
    request('Delete the user of PRIMARY', {delete: `${all}/Users/{{other_id}}`, expect: 204}),
  ]);
