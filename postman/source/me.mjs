/* global pm, body, vars */
import {domainBase, folder, internal, patch, request, scim, urn, user} from './request.mjs';

const me = `${scim}/Me`;
const tokens = `${internal}/admin/v1/tokens`;
const own = (name, fields) => request(name, {token: 'me_token', ...fields});
const refused = (name, body) => own(`${name}: refused`, {
  patch: me, body: patch(body), expect: 403,
  tests: {'the attribute is named': `() => pm.expect(body.detail).to.contain('${body.path}')`},
});
const atHome = {
  'Location is the permanent one': () => {
    pm.expect(pm.response.headers.get('Location')).to.equal(vars.get('location'));
    pm.expect(body.meta.location).to.equal(vars.get('location'));
  },
};

const selfService = folder('Self-service', 'A token with me:read and me:write is good for its user and for nothing else.', [
  request('Create the user', {
    post: `${scim}/Users`, body: user({userName: 'me-{{run}}', displayName: 'Me', title: 'Clerk', active: true}), expect: 201,
    schema: 'user', save: {user_id: 'id', location: 'meta.location'},
  }),
  request('Make a token that is bound to the user', {
    post: tokens, token: 'admin_token', body: {name: 'me-{{run}}', scopes: ['me:read', 'me:write'], user: '{{user_id}}'}, expect: 201,
    schema: 'token', save: {me_token: 'token'},
    tests: {'it says so': () => pm.expect(body.user).to.equal(vars.get('user_id'))},
  }),
  own('Who am I?', {
    get: me, expect: 200, schema: 'user',
    tests: {'the user of the token': () => pm.expect(body.id).to.equal(vars.get('user_id')), ...atHome},
  }),
  own('A part of me', {
    get: me, query: {attributes: 'title'}, expect: 200,
    tests: {'the title and no more': () => pm.expect(body).to.include({title: 'Clerk'}).and.not.have.property('displayName')},
  }),
  own('Change what is my own', {
    patch: me, headers: {'If-Match': 'W/"1"'}, body: patch({op: 'replace', path: 'displayName', value: 'Myself'}), expect: 200,
    schema: 'user', tests: {'it is changed': () => pm.expect(body.displayName).to.equal('Myself'), ...atHome},
  }),
  own('Replace me, with the rest as it is', {
    put: me, body: user({userName: 'me-{{run}}', displayName: 'Me', title: 'Clerk', active: true, nickName: 'I'}), expect: 200,
    schema: 'user',
    tests: {'it is replaced': () => pm.expect(body).to.include({displayName: 'Me', nickName: 'I', title: 'Clerk'}), ...atHome},
  }),
  own('Replace me without my title: refused', {
    put: me, body: user({userName: 'me-{{run}}', displayName: 'Me', active: true}), expect: 403,
    tests: {'the attribute is named': () => pm.expect(body.detail).to.contain('title')},
  }),
  refused('Another name', {op: 'replace', path: 'userName', value: 'you-{{run}}'}),
  refused('A role', {op: 'add', path: 'roles', value: [{value: 'admin'}]}),
  refused('Out of use', {op: 'replace', path: 'active', value: false}),
  refused('Another department', {op: 'replace', path: `${urn.enterprise}:department`, value: 'x'}),
  own('Delete me: refused', {delete: me, expect: 403}),
  own('Make me: not offered', {post: me, body: user({userName: 'more-{{run}}'}), expect: 501}),
  own('The user under its other name: refused', {get: `${scim}/Users/{{user_id}}`, expect: 403}),
  own('All users: refused', {get: `${scim}/Users`, expect: 403}),
  own('At the base of another domain there is no such user', {get: `${domainBase('CORP')}/Me`, expect: 404}),
  own('At the base of the domain', {
    get: `${domainBase('PRIMARY')}/Me`, expect: 200, schema: 'user',
    tests: {'the same user': () => pm.expect(body.id).to.equal(vars.get('user_id'))},
  }),
  request('The user is deactivated', {
    patch: `${scim}/Users/{{user_id}}`, body: patch({op: 'replace', path: 'active', value: false}), expect: 200, schema: 'user',
  }),
  own('Who am I? Nobody who may ask', {get: me, expect: 403}),
  request('The user is deleted', {delete: `${scim}/Users/{{user_id}}`, expect: 204}),
  own('Who am I? Nobody', {get: me, expect: 404}),
  request('Revoke the token', {delete: `${tokens}/me-{{run}}`, token: 'admin_token', expect: 204}),
]);

const clients = folder('Clients', 'A token of a SCIM client that is bound to a user does by /Me what it does by /Users.', [
  request('Create the user', {
    post: `${scim}/Users`, body: user({userName: 'bound-{{run}}'}), expect: 201, schema: 'user',
    save: {user_id: 'id', location: 'meta.location'},
  }),
  request('Make a token that is bound to the user', {
    post: tokens, token: 'admin_token', body: {name: 'bound-{{run}}', scopes: 'scim:read scim:write', user: '{{user_id}}'}, expect: 201,
    schema: 'token', save: {me_token: 'token'},
  }),
  own('Rename', {
    patch: me, body: patch({op: 'replace', path: 'userName', value: 'renamed-{{run}}'}), expect: 200, schema: 'user', tests: atHome,
  }),
  own('Delete', {
    delete: me, expect: 204,
    tests: {'Location is where it was': () => pm.expect(pm.response.headers.get('Location')).to.equal(vars.get('location'))},
  }),
  request('It is not found', {get: `${scim}/Users/{{user_id}}`, expect: 404}),
  request('Revoke the token', {delete: `${tokens}/bound-{{run}}`, token: 'admin_token', expect: 204}),
]);

const refusals = folder('Tokens that are refused', 'What no token can be bound to.', [
  request('Self-service for nobody', {post: tokens, token: 'admin_token', body: {name: 'no-{{run}}', scopes: 'me:read'}, expect: 400}),
  request('A user who does not exist', {
    post: tokens, token: 'admin_token', body: {name: 'no-{{run}}', scopes: 'me:read', user: '6a1f4f0e-3c0c-4d9b-8d7e-0d2b6f1f9a55'},
    expect: 400, tests: {'it is the user': () => pm.expect(body.attribute).to.equal('user')},
  }),
  request('A subject that the identity provider does not know', {
    post: tokens, token: 'admin_token', expect: 400,
    body: {name: 'no-{{run}}', scopes: 'me:read', identityProvider: 'okta-corp', subject: 'nobody-{{run}}'},
    tests: {'it is the subject': () => pm.expect(body.attribute).to.equal('subject')},
  }),
]);

export const meFolder = folder('Me', 'The user that a token is bound to (RFC 7644 §3.11).', [selfService, clients, refusals]);
