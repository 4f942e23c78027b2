/* global pm, body, vars */
import {rfcGroup} from './golden.mjs';
import {folder, group, patch, request, scim, user} from './request.mjs';

const users = `${scim}/Users`;
const groups = `${scim}/Groups`;
const one = `${groups}/{{group_id}}`;
const names = ['ada', 'bob', 'cyd'];

/** Reads the group and compares its members with those of the run that are named. */
function membersAre(...expected) {
  const test = `() => {
    const ids = (body.members || []).map((member) => member.value);
    pm.expect(ids).to.have.members([${expected.map((name) => `vars.get('${name}_id')`).join(', ')}]);
  }`;
  return request(`The members are ${expected.join(' and ') || 'nobody'}`, {
    get: one, expect: 200, schema: 'group', tests: {'exactly these are in it': test},
  });
}

/** A PATCH of the group, which answers 204 unless the client names what it wants to see. */
function change(name, ...operations) {
  return request(name, {patch: one, body: patch(...operations), expect: 204});
}

const member = (name) => ({value: `{{${name}_id}}`});

export const groupsFolder = folder('Groups', 'Groups in the domain PRIMARY and their members.', [
  folder('Life of a group', 'Create, read, find.', [
    ...names.map((name) => request(`Create user ${name}`, {
      post: users, body: user({userName: `${name}-{{run}}`}), expect: 201, schema: 'user', save: {[`${name}_id`]: 'id'},
    })),
    request('Create a group with one member', {
      post: groups, body: group({displayName: 'team-{{run}}', externalId: 'ext-{{run}}', members: [member('ada')]}),
      expect: 201, schema: 'group', save: {group_id: 'id', version: 'meta.version'},
      tests: {
        'the member is there, with its name and where it is': () => {
          pm.expect(body.members).to.eql([{
            value: vars.get('ada_id'), $ref: pm.variables.get('scim_url') + '/scim/v2/Users/' + vars.get('ada_id'),
            display: 'ada-' + vars.get('run'), type: 'User',
          }]);
        },
      },
    }),
    request('Read it', {
      get: one, expect: 200, schema: 'group',
      tests: {
        'it is the same group': () => {
          pm.expect(body).to.include({id: vars.get('group_id'), displayName: 'team-' + vars.get('run')});
          pm.expect(body.meta.version).to.equal(vars.get('version'));
        },
      },
    }),
    request('Read it again: not modified', {get: one, headers: {'If-None-Match': '{{version}}'}, expect: 304}),
    request('Read it without its members', {
      get: one, query: {excludedAttributes: 'members'}, expect: 200, schema: 'group',
      tests: {'there are no members in the answer': () => pm.expect(body).to.not.have.property('members')},
    }),
    request('Find it by name, the way Entra asks', {
      get: groups, query: {excludedAttributes: 'members', filter: 'displayName eq "TEAM-{{run}}"'}, expect: 200, schema: 'groups',
      tests: {
        'it is found, without its members': () => {
          pm.expect(body.totalResults).to.equal(1);
          pm.expect(body.Resources[0].id).to.equal(vars.get('group_id'));
          pm.expect(body.Resources[0]).to.not.have.property('members');
        },
      },
    }),
    request('Find it by externalId', {
      get: groups, query: {filter: 'externalId eq "ext-{{run}}"'}, expect: 200, schema: 'groups',
      tests: {'it is found': () => pm.expect(body.Resources.map((group) => group.id)).to.eql([vars.get('group_id')])},
    }),
    request('The member shows the group', {
      get: `${users}/{{ada_id}}`, expect: 200, schema: 'user',
      tests: {
        'with its name and where it is': () => {
          pm.expect(body.groups).to.eql([{
            value: vars.get('group_id'), $ref: pm.variables.get('scim_url') + '/scim/v2/Groups/' + vars.get('group_id'),
            display: 'team-' + vars.get('run'), type: 'direct',
          }]);
        },
      },
    }),
    request('A second group of the name is refused', {
      post: groups, body: group({displayName: 'Team-{{run}}'}), expect: 409, scimType: 'uniqueness',
    }),
  ]),
  folder('Members', 'As Okta and Entra ID add and remove them.', [
    change('Entra adds a member', {op: 'Add', path: 'members', value: [{$ref: null, value: '{{bob_id}}'}]}),
    membersAre('ada', 'bob'),
    request('Entra adds the member again', {
      patch: one, body: patch({op: 'Add', path: 'members', value: [{$ref: null, value: '{{bob_id}}'}]}), expect: 204,
    }),
    membersAre('ada', 'bob'),
    request('Is this user in this group? Entra asks', {
      get: groups, query: {filter: 'id eq "{{group_id}}" and members eq "{{bob_id}}"', attributes: 'id'}, expect: 200,
      tests: {'yes': () => pm.expect(body.Resources.map((group) => group.id)).to.eql([vars.get('group_id')])},
    }),
    request('Is another user in this group? Entra asks', {
      get: groups, query: {filter: 'id eq "{{group_id}}" and members eq "{{cyd_id}}"', attributes: 'id'}, expect: 200,
      tests: {'no': () => pm.expect(body).to.deep.include({totalResults: 0, Resources: []})},
    }),
    change('Okta exchanges a member for another',
      {op: 'remove', path: 'members[value eq "{{ada_id}}"]'},
      {op: 'add', path: 'members', value: [{value: '{{cyd_id}}', display: 'cyd-{{run}}'}]}),
    membersAre('bob', 'cyd'),
    change('Entra removes a member: a list in the value', {op: 'Remove', path: 'members', value: [{$ref: null, value: '{{bob_id}}'}]}),
    membersAre('cyd'),
    change('Somebody is removed who is no member', {op: 'remove', path: 'members[value eq "{{ada_id}}"]'}),
    membersAre('cyd'),
    change('Okta pushes the exact set', {op: 'replace', path: 'members', value: [member('ada'), member('bob')]}),
    membersAre('ada', 'bob'),
    request('Somebody who does not exist cannot be a member', {
      patch: one, expect: 400, scimType: 'invalidValue',
      body: patch({op: 'Add', path: 'members', value: [member('cyd'), {value: '6a1f4f0e-3c0c-4d9b-8d7e-0d2b6f1f9a55'}]}),
    }),
    membersAre('ada', 'bob'),
    request('A change with an answer', {
      about: 'RFC 7644 §3.5.2: with `attributes` the answer is 200 with what was asked for.',
      patch: one, query: {attributes: 'members'}, body: patch({op: 'add', path: 'members', value: [member('cyd')]}), expect: 200,
      tests: {'shows the members': () => pm.expect(body.members).to.have.lengthOf(3)},
    }),
    change('All members are removed', {op: 'remove', path: 'members'}),
    membersAre(),
  ]),
  folder('Group of RFC 7643', 'The document of §8.4, sent as it is but for the name and who is in it.', [
    request('Create it', {
      post: groups, body: rfcGroup('{{ada_id}}', '{{bob_id}}'), expect: 201, schema: 'group', save: {guides_id: 'id'},
      tests: {
        'id, meta and what members are called are the server\'s': () => {
          pm.expect(body.id).to.not.equal('e9e30dba-f08f-4109-8486-d5c6a331660a');
          pm.expect(body.meta.version).to.equal('W/"1"');
          pm.expect(body.members.map((member) => member.display)).to.have.members(['ada-' + vars.get('run'), 'bob-' + vars.get('run')]);
        },
      },
    }),
    request('Delete it', {delete: `${groups}/{{guides_id}}`, expect: 204}),
  ]),
  folder('Names', 'A new name leaves the members alone.', [
    change('Add two members', {op: 'add', path: 'members', value: [member('ada'), member('bob')]}),
    change('Okta renames the group, with the id in the value', {op: 'replace', value: {id: '{{group_id}}', displayName: 'crew-{{run}}'}}),
    request('It has the new name, its id and its members', {
      get: one, expect: 200, schema: 'group',
      tests: {
        'only the name changed': () => {
          pm.expect(body.displayName).to.equal('crew-' + vars.get('run'));
          pm.expect(body.members).to.have.lengthOf(2);
        },
      },
    }),
    change('Entra renames the group', {op: 'Replace', path: 'displayName', value: 'gang-{{run}}'}),
    request('The members show the new name', {
      get: `${users}/{{bob_id}}`, expect: 200, schema: 'user',
      tests: {'it is the new one': () => pm.expect(body.groups[0].display).to.equal('gang-' + vars.get('run'))},
    }),
    request('Replace the group', {
      put: one, body: group({displayName: 'team-{{run}}', members: [member('cyd')]}), expect: 200, schema: 'group',
      tests: {
        'it is what was sent': () => {
          pm.expect(body.displayName).to.equal('team-' + vars.get('run'));
          pm.expect(body).to.not.have.property('externalId');
          pm.expect(body.members.map((member) => member.value)).to.eql([vars.get('cyd_id')]);
        },
      },
    }),
  ]),
  folder('End', 'Users and groups leave without a trace in each other.', [
    request('Delete a member', {delete: `${users}/{{cyd_id}}`, expect: 204}),
    membersAre(),
    change('Add another', {op: 'add', path: 'members', value: [member('ada')]}),
    request('Delete the group', {delete: one, expect: 204}),
    request('It is not found', {get: one, expect: 404}),
    request('Its member is in no group', {
      get: `${users}/{{ada_id}}`, expect: 200, schema: 'user',
      tests: {'there are no groups': () => pm.expect(body).to.not.have.property('groups')},
    }),
    request('Delete user ada', {delete: `${users}/{{ada_id}}`, expect: 204}),
    request('Delete user bob', {delete: `${users}/{{bob_id}}`, expect: 204}),
  ]),
]);
