/* global pm, body */
import {folder, group, internal, patch, request, scim, user} from './request.mjs';

const users = `${scim}/Users`;
const stranger = '00000000-0000-8001-8000-000100000000';
const refused = (name, scimType, fields) => request(name, {expect: 400, scimType, ...fields});
const failed = (name, status, fields) => request(name, {expect: status, ...fields});

const access = folder('Access', 'Who may do what.', [
  failed('No token', 401, {
    get: users, token: null,
    tests: {
      'the scheme is named': () => {
        pm.expect(pm.response.headers.get('WWW-Authenticate')).to.match(/^Bearer/);
      },
    },
  }),
  failed('A token that does not exist', 401, {get: users, headers: {Authorization: 'Bearer vst_nobody'}, token: null}),
  failed('A token without the scope', 403, {get: users, token: 'jit_token'}),
  request('A reading token is made', {
    post: `${internal}/admin/v1/tokens`, token: 'admin_token', expect: 201,
    body: {name: 'reader-{{run}}', scopes: 'scim:read', domains: ['CORP']}, save: {reader_token: 'token'},
    tests: {
      'it is bound to CORP': () => {
        pm.expect(body.domains).to.eql(['CORP']);
      },
    },
  }),
  failed('It cannot write', 403, {post: users, token: 'reader_token', body: user({userName: 'CORP/anna-{{run}}'})}),
  request('A user of PRIMARY', {post: users, body: user({userName: 'own-{{run}}'}), expect: 201, save: {user_id: 'id'}}),
  failed('It cannot see a user of another domain', 404, {get: `${users}/{{user_id}}`, token: 'reader_token'}),
  request('The user is removed', {delete: `${users}/{{user_id}}`, expect: 204}),
  request('The token is revoked', {
    delete: `${internal}/admin/v1/tokens/reader-{{run}}`, token: 'admin_token', expect: 204,
  }),
  failed('It is worth nothing now', 401, {get: users, token: 'reader_token'}),
]);

const values = folder('Values', 'Messages and values that are wrong.', [
  refused('No JSON', 'invalidSyntax', {post: users, body: '{"userName": '}),
  refused('The same key twice', 'invalidSyntax', {
    post: users, body: '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"aaa","USERNAME":"bbb"}',
  }),
  refused('No schemas', 'invalidSyntax', {post: users, body: {userName: 'anna-{{run}}'}}),
  refused('No user name', 'invalidValue', {post: users, body: user({displayName: 'Nobody'})}),
  refused('A value of the wrong type', 'invalidValue', {post: users, body: user({userName: 'anna-{{run}}', name: 'Anna'})}),
  refused('A filter that is none', 'invalidFilter', {get: users, query: {filter: 'userName equals "x"'}}),
  refused('A filter on an unknown attribute', 'invalidFilter', {get: users, query: {filter: 'shoeSize eq "42"'}}),
  refused('A filter on the password', 'invalidFilter', {get: users, query: {filter: 'password eq "x"'}}),
  refused('A count that is no number', 'invalidValue', {get: users, query: {count: 'ten'}}),
  refused('A member that does not exist', 'invalidValue', {
    post: `${scim}/Groups`, body: group({displayName: 'ghosts-{{run}}', members: [{value: stranger}]}),
  }),
]);

const changes = folder('Changes', 'Changes that are refused, whole.', [
  request('A user', {post: users, body: user({userName: 'target-{{run}}'}), expect: 201, save: {user_id: 'id', version: 'meta.version'}}),
  failed('The same name again, in other letters', 409, {
    post: users, body: user({userName: 'TARGET-{{run}}'}), scimType: 'uniqueness',
  }),
  refused('A path that is none', 'invalidPath', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'replace', path: 'emails[', value: 'x'}),
  }),
  refused('An attribute that is read-only', 'mutability', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'replace', path: 'id', value: 'x'}),
  }),
  refused('A removal of nothing in particular', 'noTarget', {patch: `${users}/{{user_id}}`, body: patch({op: 'remove'})}),
  refused('A verb that does not exist', 'invalidSyntax', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'move', path: 'title', value: 'x'}),
  }),
  refused('One good and one bad operation', 'invalidPath', {
    patch: `${users}/{{user_id}}`,
    body: patch({op: 'replace', path: 'title', value: 'Dr'}, {op: 'replace', path: 'shoeSize', value: '42'}),
  }),
  request('Nothing of all that was done', {
    get: `${users}/{{user_id}}`, expect: 200, schema: 'user',
    tests: {
      'the version is the first': () => {
        pm.expect(body.title).to.equal(undefined);
        pm.expect(body.meta.version).to.equal(pm.collectionVariables.get('version'));
      },
    },
  }),
  failed('A change of another version', 412, {
    patch: `${users}/{{user_id}}`, headers: {'If-Match': 'W/"99"'}, body: patch({op: 'replace', path: 'title', value: 'Dr'}),
  }),
  request('It is removed', {delete: `${users}/{{user_id}}`, expect: 204}),
  failed('It is gone', 404, {get: `${users}/{{user_id}}`}),
  failed('It cannot be removed twice', 404, {delete: `${users}/{{user_id}}`}),
]);

const transport = folder('Transport', 'What the HTTP layer refuses has a body of the right kind too.', [
  failed('A path that does not exist', 404, {get: `${scim}/Nothing`}),
  failed('A method that does not exist there', 405, {
    put: users, body: {},
    tests: {
      'the methods that do are named': () => {
        pm.expect(pm.response.headers.get('Allow')).to.contain('POST');
      },
    },
  }),
  failed('A body of another type', 415, {
    post: users, headers: {'Content-Type': 'text/plain'}, body: 'userName=anna',
  }),
  failed('A feature that is not offered', 501, {post: `${scim}/Bulk`, body: {}}),
  request('A problem on the internal address', {
    get: `${internal}/admin/v1/nothing`, token: 'admin_token', expect: 404, schema: 'problem',
  }),
]);

export const errors = folder('Errors', 'Every error has a status, a text, and where SCIM knows one a type.', [
  access, values, changes, transport,
]);
