/* global pm, body, vars */
import {signIn} from './golden.mjs';
import {domainBase, folder, group, internal, patch, request, scim, urn, user} from './request.mjs';

const users = `${scim}/Users`;
const one = `${users}/{{user_id}}`;
const provisioning = `${internal}/jit/v1/provision`;
const stranger = '6a1f4f0e-3c0c-4d9b-8d7e-0d2b6f1f9a55';
const refused = (name, scimType, fields) => request(name, {expect: 400, scimType, ...fields});
const failed = (name, status, fields) => request(name, {expect: status, ...fields});

const access = folder('Access', 'Who may do what. What a token may not see is not found.', [
  failed('SCIM without a token', 401, {get: users, token: null}),
  failed('SCIM with a wrong token', 401, {get: users, headers: {Authorization: 'Bearer vst_nobody'}, token: null}),
  failed('SCIM with another scheme', 401, {get: users, headers: {Authorization: 'Basic YWRtaW46YWRtaW4='}, token: null}),
  failed('SCIM with the token of the gateway', 403, {get: users, token: 'jit_token'}),
  failed('A sign-in without a token', 401, {post: provisioning, body: signIn('okta'), token: null}),
  failed('A sign-in with the token of a SCIM client', 403, {post: provisioning, body: signIn('okta'), token: 'scim_token'}),
  failed('Administration without a token', 401, {get: `${internal}/admin/v1/domains`, token: null}),
  failed('Administration with the token of a SCIM client', 403, {get: `${internal}/admin/v1/domains`, token: 'scim_token'}),
  request('A token is made that only reads, and only CORP', {
    post: `${internal}/admin/v1/tokens`, token: 'admin_token', expect: 201, schema: 'token',
    body: {name: 'reader-{{run}}', scopes: 'scim:read', domains: ['CORP']}, save: {reader_token: 'token'},
    tests: {'it is bound to CORP': () => pm.expect(body.domains).to.eql(['CORP'])},
  }),
  request('Create a user of PRIMARY', {
    post: users, body: user({userName: 'own-{{run}}', displayName: 'Own {{run}}'}), expect: 201, schema: 'user', save: {user_id: 'id'},
  }),
  request('Create a user of CORP', {
    post: users, body: user({userName: 'CORP/own-{{run}}', displayName: 'Own {{run}}'}), expect: 201, schema: 'user',
    save: {corp_id: 'id'},
  }),
  request('The token reads a user of CORP', {get: `${users}/{{corp_id}}`, token: 'reader_token', expect: 200, schema: 'user'}),
  failed('A user of another domain is not found', 404, {get: one, token: 'reader_token'}),
  failed('Another domain is not found', 404, {get: `${domainBase('PRIMARY')}/Users`, token: 'reader_token'}),
  request('A list shows only users of CORP', {
    get: users, query: {filter: 'displayName eq "Own {{run}}"'}, token: 'reader_token', expect: 200, schema: 'users',
    tests: {'one of the two': () => pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('corp_id')])},
  }),
  failed('It cannot create', 403, {post: users, token: 'reader_token', body: user({userName: 'CORP/anna-{{run}}'})}),
  failed('It cannot change', 403, {
    patch: `${users}/{{corp_id}}`, token: 'reader_token', body: patch({op: 'replace', path: 'title', value: 'x'}),
  }),
  failed('It cannot delete', 403, {delete: `${users}/{{corp_id}}`, token: 'reader_token'}),
  request('The token is revoked', {delete: `${internal}/admin/v1/tokens/reader-{{run}}`, token: 'admin_token', expect: 204}),
  failed('It is worth nothing now', 401, {get: users, token: 'reader_token'}),
  request('Delete the user of PRIMARY', {delete: one, expect: 204}),
  request('Delete the user of CORP', {delete: `${users}/{{corp_id}}`, expect: 204}),
]);

const messages = folder('Messages and values', 'What is wrong with a body, a filter or a parameter.', [
  refused('Another version of the protocol', 'invalidVers', {get: '{{scim_url}}/scim/v1/Users'}),
  refused('No JSON', 'invalidSyntax', {post: users, body: '{"userName": '}),
  refused('No body', 'invalidSyntax', {post: users, body: ''}),
  refused('No object', 'invalidSyntax', {post: users, body: '[]'}),
  refused('The same key twice', 'invalidSyntax', {
    post: users, body: `{"schemas": ["${urn.user}"], "userName": "aaa-{{run}}", "userName": "bbb-{{run}}"}`,
  }),
  refused('The same key twice, in other letters', 'invalidSyntax', {
    post: users, body: `{"schemas": ["${urn.user}"], "userName": "aaa-{{run}}", "USERNAME": "bbb-{{run}}"}`,
  }),
  refused('No schemas', 'invalidSyntax', {post: users, body: {userName: 'anna-{{run}}'}}),
  refused('No user name', 'invalidValue', {post: users, body: user({displayName: 'Nobody'})}),
  refused('A text where an object belongs', 'invalidValue', {post: users, body: user({userName: 'anna-{{run}}', name: 'Anna'})}),
  refused('A number where a text belongs', 'invalidValue', {post: users, body: user({userName: 42})}),
  refused('A group without a name', 'invalidValue', {post: `${scim}/Groups`, body: group({})}),
  refused('A group with a member who does not exist', 'invalidValue', {
    post: `${scim}/Groups`, body: group({displayName: 'ghosts-{{run}}', members: [{value: stranger}]}),
  }),
  refused('A filter that is none', 'invalidFilter', {get: users, query: {filter: 'garbage'}}),
  refused('A filter with an unknown operator', 'invalidFilter', {get: users, query: {filter: 'userName equals "x"'}}),
  refused('A filter on an unknown attribute', 'invalidFilter', {get: users, query: {filter: 'shoeSize eq "42"'}}),
  refused('A filter on the password', 'invalidFilter', {get: users, query: {filter: 'password eq "x"'}}),
  refused('A filter that compares a boolean with a text', 'invalidFilter', {get: users, query: {filter: 'active gt "x"'}}),
  refused('A filter that is not closed', 'invalidFilter', {get: users, query: {filter: '(userName eq "x"'}}),
  refused('A count that is no number', 'invalidValue', {get: users, query: {count: 'ten'}}),
]);

const changes = folder('Changes', 'Changes that are refused, as a whole.', [
  request('Create a user', {
    post: users, body: user({userName: 'target-{{run}}'}), expect: 201, schema: 'user', save: {user_id: 'id', version: 'meta.version'},
  }),
  request('Create another', {post: users, body: user({userName: 'other-{{run}}'}), expect: 201, schema: 'user', save: {other_id: 'id'}}),
  failed('The same name again, in other letters', 409, {post: users, body: user({userName: 'TARGET-{{run}}'}), scimType: 'uniqueness'}),
  failed('A new name that somebody has', 409, {
    patch: `${users}/{{other_id}}`, body: patch({op: 'Replace', path: 'userName', value: 'Target-{{run}}'}), scimType: 'uniqueness',
  }),
  failed('A replacement with a name that somebody has', 409, {
    put: `${users}/{{other_id}}`, body: user({userName: 'target-{{run}}'}), scimType: 'uniqueness',
  }),
  refused('A path that is not closed', 'invalidPath', {patch: one, body: patch({op: 'replace', path: 'emails[', value: 'x'})}),
  refused('A path to an unknown attribute', 'invalidPath', {patch: one, body: patch({op: 'replace', path: 'shoeSize', value: '42'})}),
  refused('An id', 'mutability', {patch: one, body: patch({op: 'replace', path: 'id', value: 'x'})}),
  refused('Groups, which are changed from the other side', 'mutability', {
    patch: one, body: patch({op: 'add', path: 'groups', value: [{value: stranger}]}),
  }),
  refused('The removal of the user name', 'mutability', {patch: one, body: patch({op: 'remove', path: 'userName'})}),
  refused('A removal of nothing in particular', 'noTarget', {patch: one, body: patch({op: 'remove'})}),
  refused('A boolean that is none', 'invalidValue', {patch: one, body: patch({op: 'replace', path: 'active', value: 'maybe'})}),
  refused('A verb that does not exist', 'invalidSyntax', {patch: one, body: patch({op: 'move', path: 'title', value: 'x'})}),
  refused('No operations', 'invalidSyntax', {patch: one, body: {schemas: [urn.patch]}}),
  refused('No PatchOp', 'invalidSyntax', {patch: one, body: {Operations: [{op: 'replace', path: 'title', value: 'x'}]}}),
  refused('One good and one bad operation', 'invalidPath', {
    patch: one, body: patch({op: 'replace', path: 'title', value: 'Dr'}, {op: 'replace', path: 'shoeSize', value: '42'}),
  }),
  failed('A change of another version', 412, {
    patch: one, headers: {'If-Match': 'W/"99"'}, body: patch({op: 'replace', path: 'title', value: 'Dr'}),
  }),
  request('Nothing of all that was done', {
    get: one, expect: 200, schema: 'user',
    tests: {
      'the version is the first': () => {
        pm.expect(body).to.not.have.property('title');
        pm.expect(body.meta.version).to.equal(vars.get('version'));
      },
    },
  }),
  failed('A user is no group', 404, {get: `${scim}/Groups/{{user_id}}`}),
  request('Delete the user', {delete: one, expect: 204}),
  request('Delete the other', {delete: `${users}/{{other_id}}`, expect: 204}),
  failed('An id that nobody has', 404, {get: `${users}/${stranger}`}),
  failed('An id that is none', 404, {get: `${users}/nobody`}),
]);

const transport = folder('Transport', 'What is refused before anybody looks at the content has a body of its protocol too.', [
  failed('A path that does not exist', 404, {get: `${scim}/Nothing`}),
  failed('A method that users do not take', 405, {
    put: users, body: {},
    tests: {
      'the methods that they do take are named': () => {
        pm.expect(pm.response.headers.get('Allow').split(', ')).to.include.members(['GET', 'POST']).and.not.include('PUT');
      },
    },
  }),
  failed('A method that one user does not take', 405, {
    post: `${users}/${stranger}`, body: {},
    tests: {
      'the methods that it does take are named': () => {
        pm.expect(pm.response.headers.get('Allow').split(', ')).to.include.members(['GET', 'PUT', 'PATCH', 'DELETE']);
      },
    },
  }),
  failed('A body of another type', 415, {post: users, headers: {'Content-Type': 'text/plain'}, body: 'userName=anna'}),
  failed('A body in another encoding', 415, {
    post: users, headers: {'Content-Type': 'application/scim+json; charset=iso-8859-1'}, body: user({userName: 'anna-{{run}}'}),
  }),
  failed('A sign-in of another type', 415, {post: provisioning, token: 'jit_token', headers: {'Content-Type': 'text/plain'}, body: 'sub=1'}),
  failed('A body that is too big', 413, {
    post: users, body: user({userName: 'big-{{run}}', displayName: '{{big}}'}),
    before: () => {
      pm.variables.set('big', 'x'.repeat(1024 * 1024));
    },
  }),
  failed('A sign-in that is too big', 413, {
    post: provisioning, token: 'jit_token',
    body: signIn('okta', (claims) => {
      claims.nickname = '{{big}}';
    }),
    before: () => {
      pm.variables.set('big', 'x'.repeat(256 * 1024));
    },
  }),
  failed('Not offered: /Me', 501, {get: `${scim}/Me`}),
  failed('A path that does not exist on the internal address', 404, {get: `${internal}/admin/v1/nothing`, token: 'admin_token'}),
  failed('A sign-in by GET', 405, {
    get: provisioning, token: 'jit_token',
    tests: {'POST is named': () => pm.expect(pm.response.headers.get('Allow')).to.contain('POST')},
  }),
  failed('A sign-in on the public address', 404, {post: '{{scim_url}}/jit/v1/provision', token: 'jit_token', body: signIn('okta')}),
  failed('Administration on the public address', 404, {get: '{{scim_url}}/admin/v1/domains', token: 'admin_token'}),
]);

export const errors = folder('Errors',
  'Every error has a status, a text, and where SCIM knows one a type: on SCIM paths as RFC 7644 §3.12 has it, elsewhere as RFC 9457 '
  + 'does. The test script of the collection looks at the form of each.',
  [access, messages, changes, transport]);
