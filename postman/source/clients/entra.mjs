/* global pm, body, vars */
import {folder, patch, urn, user} from '../request.mjs';
import {clientFolder, clientOf, listed, membersAre} from './client.mjs';

const {call, users, groups} = clientOf('entra', {'Content-Type': 'application/scim+json; charset=utf-8'});
const one = `${users}/{{entra_ada}}`;
const team = `${groups}/{{entra_team}}`;
const mail = (name) => `${name}-{{run}}@contoso.example`;
const named = (name) => ({$ref: null, value: `{{entra_${name}}}`});

const newUser = (name) => ({
  ...user({
    userName: mail(name), active: true, externalId: `oid-${name}-{{run}}`, displayName: name,
    emails: [{type: 'work', value: mail(name), primary: true}], name: {givenName: name, familyName: 'Lind'},
    meta: {resourceType: 'User'}, roles: [],
  }),
  schemas: [urn.user, urn.enterprise],
});
const find = (name, filter, tests) => call(name, {get: users, query: {filter}, expect: 200, schema: 'users', tests});
const create = (name) => call(`Create ${name}`, {
  post: users, body: newUser(name), expect: 201, schema: 'user', save: {[`entra_${name}`]: 'id'},
  tests: {
    'empty roles and the meta that was sent left no trace': () => {
      pm.expect(body).to.not.have.property('roles');
      pm.expect(body.meta.resourceType).to.equal('User');
    },
    'active is a boolean': () => pm.expect(body.active).to.be.true,
  },
});
/** A PATCH of ada, and what the answer has to show. */
const change = (name, operations, tests, more = {}) => call(name, {
  patch: one, body: patch(...operations), expect: 200, schema: 'user', tests, ...more,
});
const members = (name, ...operations) => call(name, {patch: team, body: patch(...operations), expect: 204});
const readTeam = (name, ...who) => call(name, {
  get: team, expect: 200, schema: 'group', tests: membersAre(...who.map((each) => `entra_${each}`)),
});

export const entra = clientFolder('Microsoft Entra ID',
  'What the provisioning service of Entra ID does with the preset `entra`: its cycle of looking up, creating and changing users, its '
  + 'paths, texts in place of booleans and objects, groups, and the deletion thirty days after a soft delete.',
  {
    key: 'entra', tolerances: 'entra',
    fired: ['string_booleans', 'string_manager', 'dotted_keys_in_value', 'filter_add_creates', 'filter_replace_creates',
      'unknown_schema_uris', 'unknown_attributes', 'group_patch_204', 'empty_string_is_unassigned', 'param_names_case_insensitive'],
  }, [
    folder('Test of the connection', 'A user who cannot exist is asked for.', [
      find('A random name', 'userName eq "{{$guid}}"', listed()),
    ]),
    folder('A cycle: users', 'Each user is looked up by what is matched, then created.', [
      find('Is ada there? Nobody is', `userName eq "${mail('ada')}"`, listed()),
      create('ada'),
      call('Create ada once more', {post: users, body: newUser('ada'), expect: 409, scimType: 'uniqueness'}),
      find('Who has the name? In another case', `userName eq "${mail('ADA')}"`, listed('entra_ada')),
      find('Who has the object id?', 'externalId eq "oid-ada-{{run}}"', listed('entra_ada')),
      find('Who has the work address?', `emails[type eq "work"].value eq "${mail('ada')}"`, listed('entra_ada')),
      call('Create bob, with an attribute that no schema has', {
        post: users, body: {...newUser('bob'), onPremisesSyncEnabled: true}, expect: 201, schema: 'user', save: {entra_bob: 'id'},
        tests: {'it is ignored': () => pm.expect(body).to.not.have.property('onPremisesSyncEnabled')},
      }),
      create('cyd'),
    ]),
    folder('A cycle: changes', 'Verbs with capitals, paths with filters, paths as keys, texts where something else belongs.', [
      change('Add parts of an address that is not there', [
        {op: 'Add', path: 'addresses[type eq "work"].country', value: 'DE'},
        {op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Bonn'},
      ], {
        'they make one address': () => pm.expect(body.addresses).to.eql([{type: 'work', country: 'DE', locality: 'Bonn'}]),
      }),
      change('Replace a telephone that is not there', [{op: 'Replace', path: 'phoneNumbers[type eq "mobile"].value', value: '+49 228 1'}], {
        'it is there now': () => pm.expect(body.phoneNumbers).to.eql([{type: 'mobile', value: '+49 228 1'}]),
      }),
      change('Replace the work address and the display name', [
        {op: 'replace', path: 'emails[type eq "work"].value', value: mail('a.lind')},
        {op: 'replace', value: {displayName: 'Ada L.'}},
      ], {
        'both, and the address is still primary': () => {
          pm.expect(body.displayName).to.equal('Ada L.');
          pm.expect(body.emails).to.eql([{type: 'work', value: `a.lind-${vars.get('run')}@contoso.example`, primary: true}]);
        },
      }),
      change('Paths as keys, with the flag aadOptscim062020 in the address', [
        {op: 'replace', value: {'name.givenName': 'Adele', [`${urn.enterprise}:employeeNumber`]: '7'}},
      ], {
        'one part of the name, and the number in the extension': () => {
          pm.expect(body.name).to.include({givenName: 'Adele', familyName: 'Lind'});
          pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].employeeNumber).to.equal('7');
        },
      }, {query: {aadOptscim062020: ''}}),
      change('The manager, as a text', [{op: 'Add', path: `${urn.enterprise}:manager`, value: '{{entra_bob}}'}], {
        'it is an object': () => {
          pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].manager.value).to.equal(vars.get('entra_bob'));
        },
      }),
      change('The manager goes, by an empty text', [{op: 'Replace', path: `${urn.enterprise}:manager`, value: ''}], {
        'there is none': () => {
          pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User']).to.not.have.property('manager');
        },
      }),
      change('A role: JSON in a text, a boolean as text', [
        {op: 'Add', path: 'roles', value: [{value: '{"id":"r1","value":"r1"}', primary: 'True'}]},
      ], {
        'the text is kept, the boolean is one': () => pm.expect(body.roles).to.eql([{value: '{"id":"r1","value":"r1"}', primary: true}]),
      }),
      change('A new user name', [{op: 'Replace', path: 'userName', value: mail('adele')}], {
        'it is the new one': () => pm.expect(body.userName).to.equal(`adele-${vars.get('run')}@contoso.example`),
      }),
      change('A user name that bob has', [{op: 'Replace', path: 'userName', value: mail('bob')}], {}, {
        expect: 409, schema: 'scim_error', scimType: 'uniqueness',
      }),
    ]),
    folder('A cycle: groups', 'Groups are read without their members, and change by one member after another.', [
      call('Is the group there? No', {
        get: groups, query: {excludedAttributes: 'members', filter: 'displayName eq "Team {{run}}"'}, expect: 200, schema: 'groups',
        tests: listed(),
      }),
      call('Create it, with a schema of Microsoft\'s own', {
        post: groups, expect: 201, schema: 'group', save: {entra_team: 'id'},
        body: {
          schemas: [urn.group, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
          externalId: 'oid-team-{{run}}', displayName: 'Team {{run}}', meta: {resourceType: 'Group'},
        },
        tests: {
          'only the schema of groups is named': () => pm.expect(body.schemas).to.eql(['urn:ietf:params:scim:schemas:core:2.0:Group']),
        },
      }),
      members('Add ada', {op: 'Add', path: 'members', value: [named('ada')]}),
      members('Add bob', {op: 'Add', path: 'members', value: [named('bob')]}),
      members('Add cyd', {op: 'Add', path: 'members', value: [named('cyd')]}),
      members('Add cyd once more', {op: 'Add', path: 'members', value: [named('cyd')]}),
      call('Somebody who was deleted meanwhile', {
        patch: team, body: patch({op: 'Add', path: 'members', value: [{$ref: null, value: '6a1f4f0e-3c0c-4d9b-8d7e-0d2b6f1f9a55'}]}),
        expect: 400, scimType: 'invalidValue',
      }),
      readTeam('All three are in it, each once', 'ada', 'bob', 'cyd'),
      call('Is ada in it?', {
        get: groups, query: {filter: 'id eq "{{entra_team}}" and members eq "{{entra_ada}}"', attributes: 'id'}, expect: 200,
        tests: {...listed('entra_team'), 'only the id is shown': () => pm.expect(body.Resources[0]).to.have.all.keys('schemas', 'id')},
      }),
      members('Remove ada: a list in the value', {op: 'Remove', path: 'members', value: [named('ada')]}),
      readTeam('The others are in it', 'bob', 'cyd'),
      members('Remove bob: a filter, with the flag', {op: 'remove', path: 'members[value eq "{{entra_bob}}"]'}),
      readTeam('Cyd is left', 'cyd'),
      call('Is ada in it? No longer', {
        get: groups, query: {filter: 'id eq "{{entra_team}}" and members eq "{{entra_ada}}"', attributes: 'id'}, expect: 200,
        tests: listed(),
      }),
      members('A new name', {op: 'Replace', path: 'displayName', value: 'Crew {{run}}'}),
      members('A new object id', {op: 'Replace', path: 'externalId', value: 'oid-crew-{{run}}'}),
      call('Read it without its members', {
        get: team, query: {excludedAttributes: 'members'}, expect: 200, schema: 'group',
        tests: {
          'both are new, and there are no members in the answer': () => {
            pm.expect(body).to.include({displayName: 'Crew ' + vars.get('run'), externalId: 'oid-crew-' + vars.get('run')});
            pm.expect(body).to.not.have.property('members');
          },
        },
      }),
    ]),
    folder('Inbound', 'What Entra ID reads when it provisions from here.', [
      call('A page that begins at 0, with a name in lower case', {
        get: users, query: {startindex: 0, count: 100}, expect: 200, schema: 'users',
        tests: {
          ...listed('entra_ada', 'entra_bob', 'entra_cyd'),
          'it begins at 1': () => pm.expect(body.startIndex).to.equal(1),
        },
      }),
      find('Who changed in a range of time, with seven digits and an offset',
        'meta.lastModified ge "2020-01-01T00:00:00.1234567%2B02:00" and meta.lastModified le "2999-01-01T00:00:00.0000000-08:00"',
        listed('entra_ada', 'entra_bob', 'entra_cyd')),
    ]),
    folder('The end of a user', 'A soft delete, thirty days later the deletion, possibly twice.', [
      change('Deactivate ada: the boolean as text', [{op: 'Replace', path: 'active', value: 'False'}], {
        'it is a boolean, and false': () => pm.expect(body.active).to.be.false,
      }),
      find('Ada is still found', `userName eq "${mail('adele')}"`, {
        ...listed('entra_ada'), 'not active': () => pm.expect(body.Resources[0].active).to.be.false,
      }),
      call('Delete ada', {delete: one, expect: 204}),
      call('Delete ada once more', {delete: one, expect: 404}),
      find('Ada is not found', `userName eq "${mail('adele')}"`, listed()),
      call('Delete the group', {delete: team, expect: 204}),
      call('It is not found', {get: team, query: {excludedAttributes: 'members'}, expect: 404}),
    ]),
  ]);
