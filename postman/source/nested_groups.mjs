/* global pm, body, vars */
import {folder, group, patch, request, scim, user} from './request.mjs';

const groups = `${scim}/Groups`;
const ada = `${scim}/Users/{{ada_id}}`;
const byId = (name) => `${groups}/{{${name}_id}}`;
const member = (name) => ({value: `{{${name}_id}}`});
const adding = (name) => patch({op: 'add', path: 'members', value: [member(name)]});

/** Creates a group of which those named are members. */
function create(name, ...members) {
  return request(`Create the group ${name}`, {
    post: groups, body: group({displayName: `${name}-{{run}}`, members: members.map(member)}), expect: 201, schema: 'group',
    save: {[`${name}_id`]: 'id'},
  });
}

/** Reads the user and compares its groups: an object from name to type. */
function groupsOfAda(name, expected) {
  const test = `() => {
    const shown = Object.fromEntries((body.groups || []).map((group) => [group.display.replace('-' + vars.get('run'), ''), group.type]));
    pm.expect(shown).to.eql(${JSON.stringify(expected)});
  }`;
  return request(name, {get: ada, expect: 200, schema: 'user', tests: {'each group is there once, with how ada is in it': test}});
}

function refused(name, into, who) {
  return request(name, {
    patch: byId(into), body: adding(who), expect: 400, scimType: 'invalidValue',
    tests: {'the text says why': () => pm.expect(body.detail).to.include('cannot contain itself')},
  });
}

export const nestedGroups = folder('Nested groups', 'Groups as members of groups of the same domain.', [
  request('Create user ada', {
    post: `${scim}/Users`, body: user({userName: 'ada-{{run}}'}), expect: 201, schema: 'user', save: {ada_id: 'id'},
  }),
  create('team', 'ada'),
  create('department', 'team'),
  create('company', 'department'),
  request('A member that is a group says so', {
    get: byId('department'), expect: 200, schema: 'group',
    tests: {
      'with its name and where it is': () => {
        pm.expect(body.members).to.eql([{
          value: vars.get('team_id'), $ref: pm.variables.get('scim_url') + '/scim/v2/Groups/' + vars.get('team_id'),
          display: 'team-' + vars.get('run'), type: 'Group',
        }]);
      },
    },
  }),
  groupsOfAda('Ada is in all three', {team: 'direct', department: 'indirect', company: 'indirect'}),
  request('Who is in the company? Ada, through two groups', {
    get: `${scim}/Users`, query: {filter: 'groups.value eq "{{company_id}}"'}, expect: 200, schema: 'users',
    tests: {'she is found': () => pm.expect(body.Resources.map((one) => one.id)).to.eql([vars.get('ada_id')])},
  }),
  request('Which groups contain the team? The one it is a member of', {
    get: groups, query: {filter: 'members.value eq "{{team_id}}"'}, expect: 200, schema: 'groups',
    tests: {'the department': () => pm.expect(body.Resources.map((one) => one.id)).to.eql([vars.get('department_id')])},
  }),
  refused('The company cannot be in the team', 'team', 'company'),
  refused('The team cannot be in itself', 'team', 'team'),
  request('Ada joins the department herself', {
    patch: byId('department'), body: patch({op: 'add', path: 'members', value: [member('ada'), member('team')]}), expect: 204,
  }),
  groupsOfAda('Direct is what she is shown as', {team: 'direct', department: 'direct', company: 'indirect'}),
  request('The groups in the department go', {
    patch: byId('department'), body: patch({op: 'remove', path: 'members[type eq "Group"]'}), expect: 204,
  }),
  request('Ada is left in it', {
    get: byId('department'), expect: 200, schema: 'group',
    tests: {'and nobody else': () => pm.expect(body.members.map((one) => one.value)).to.eql([vars.get('ada_id')])},
  }),
  request('Delete the department', {delete: byId('department'), expect: 204}),
  groupsOfAda('Ada is in her team only', {team: 'direct'}),
  request('The company is empty', {
    get: byId('company'), expect: 200, schema: 'group',
    tests: {
      'and has a new version': () => {
        pm.expect(body).to.not.have.property('members');
        pm.expect(body.meta.version).to.equal('W/"2"');
      },
    },
  }),
  ...['team', 'company'].map((name) => request(`Delete the ${name}`, {delete: byId(name), expect: 204})),
  request('Delete user ada', {delete: ada, expect: 204}),
]);
