/* global pm, body, vars */
import {folder, group, patch, user} from '../request.mjs';
import {clientFolder, clientOf, listed, membersAre} from './client.mjs';

// OneLogin writes JSON, not SCIM, into Content-Type, and says nothing of itself.
const {call, users, groups} = clientOf('onelogin', {'Content-Type': 'application/json', 'User-Agent': ''});
const one = `${users}/{{onelogin_ada}}`;
const staff = `${groups}/{{onelogin_staff}}`;
const mail = 'ada-{{run}}@acme.example';

export const onelogin = clientFolder('OneLogin',
  'What OneLogin does with the preset `default`: a template whose macros may have no value, schemas of a draft in updates, members one '
  + 'by one.',
  {key: 'onelogin', tolerances: 'default', fired: ['empty_string_is_unassigned', 'legacy_schema_uris', 'group_patch_204']}, [
    folder('Users', 'Looked up by name, created from a template, replaced as a whole.', [
      call('Is ada there? Nobody is', {
        get: users, query: {filter: `userName eq "${mail}"`}, expect: 200, schema: 'users', tests: listed(),
      }),
      call('Create ada: macros without a value are empty texts and null', {
        post: users, expect: 201, schema: 'user', save: {onelogin_ada: 'id', onelogin_version: 'meta.version'},
        body: user({
          userName: mail, name: {givenName: 'Ada', familyName: 'Byron'}, emails: [{value: mail, type: 'work', primary: true}],
          title: '', profileUrl: '', nickName: null,
        }),
        tests: {
          'they have no value': () => pm.expect(body).to.not.have.any.keys('title', 'profileUrl', 'nickName'),
        },
      }),
      call('Is ada there? Blanks as plus signs, and a parameter that is none', {
        get: `${users}?filter=userName+eq+%22ada-{{run}}%40acme.example%22&`, expect: 200, schema: 'users', tests: listed('onelogin_ada'),
      }),
      call('Replace ada, with schemas of a draft', {
        about: 'The address ends in a question mark.',
        put: `${one}?`, expect: 200, schema: 'user',
        body: {
          schemas: ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'], userName: mail,
          name: {givenName: 'Ada', familyName: 'King'}, emails: [{value: mail, type: 'work', primary: true}],
        },
        tests: {
          'the schema is the current one': () => pm.expect(body.schemas).to.eql(['urn:ietf:params:scim:schemas:core:2.0:User']),
          'the name is the new one, and so is the version': () => {
            pm.expect(body.name.familyName).to.equal('King');
            pm.expect(body.meta.version).to.not.equal(vars.get('onelogin_version'));
          },
        },
      }),
    ]),
    folder('Groups', 'Groups follow from rules, members come one by one.', [
      call('All groups', {get: groups, expect: 200, schema: 'groups', tests: listed()}),
      call('Create one', {
        post: groups, body: group({displayName: 'Staff {{run}}'}), expect: 201, schema: 'group', save: {onelogin_staff: 'id'},
        tests: {'it is empty': () => pm.expect(body).to.not.have.property('members')},
      }),
      call('Add ada', {patch: `${staff}?`, body: patch({op: 'add', path: 'members', value: [{value: '{{onelogin_ada}}'}]}), expect: 204}),
      call('Ada is in it', {get: staff, expect: 200, schema: 'group', tests: membersAre('onelogin_ada')}),
      call('Remove ada', {patch: `${staff}?`, body: patch({op: 'remove', path: 'members[value eq "{{onelogin_ada}}"]'}), expect: 204}),
      call('Nobody is in it', {get: staff, expect: 200, schema: 'group', tests: membersAre()}),
    ]),
    folder('Departure', 'Suspended first, then deleted.', [
      call('Deactivate ada', {
        patch: one, body: patch({op: 'replace', path: 'active', value: false}), expect: 200, schema: 'user',
        tests: {'not active': () => pm.expect(body.active).to.be.false},
      }),
      call('Delete ada', {delete: one, expect: 204}),
      call('Ada is not found', {get: one, expect: 404}),
    ]),
  ]);
