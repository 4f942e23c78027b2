/* global pm, body, vars */
import {signIn} from './golden.mjs';
import {explain, provision} from './jit.mjs';
import {domainBase, folder, group, internal, patch, request, scim, user} from './request.mjs';

const users = `${scim}/Users`;
const refused = (name, fields) => request(name, {expect: 400, scimType: 'invalidValue', ...fields});
/** The refusal names the rule. */
const rule = (code) => ({[`the rule is ${code}`]: `() => pm.expect(body.detail).to.contain('${code}')`});

const names = folder('Names and passwords', 'The rules of PRIMARY: names of users and groups have 3 to 30 characters without spaces, passwords 5 to 30.', [
  refused('A user name that is too short', {post: users, body: user({userName: 'ab'}), tests: rule('POL-1001')}),
  refused('A user name with a space', {post: users, body: user({userName: 'anna lind'}), tests: rule('POL-1001')}),
  refused('A user name that is too long', {post: users, body: user({userName: 'a'.repeat(31)}), tests: rule('POL-1001')}),
  refused('A user name of nothing but white space', {post: users, body: user({userName: '   '})}),
  refused('A user name of a domain that does not exist', {post: users, body: user({userName: 'NOWHERE/anna-{{run}}'})}),
  refused('A group name with a space', {
    post: `${scim}/Groups`, body: group({displayName: 'two words'}), tests: rule('POL-1002'),
  }),
  refused('A password that is too short', {
    post: users, body: user({userName: 'short-{{run}}', password: 'p4$w'}),
    tests: {
      ...rule('POL-1003'),
      'the password is not repeated': () => pm.expect(pm.response.text()).to.not.contain('p4$w'),
    },
  }),
  request('Nobody was made', {
    get: users, query: {filter: 'userName eq "short-{{run}}"'}, expect: 200, schema: 'users',
    tests: {'there is no such user': () => pm.expect(body.totalResults).to.equal(0)},
  }),
  request('Create a user whose name and password are good', {
    post: users, body: user({userName: 'good-{{run}}', password: 'Correct-horse-7'}), expect: 201, schema: 'user',
    save: {user_id: 'id', version: 'meta.version'},
    tests: {
      'the password is not shown': () => pm.expect(pm.response.text()).to.not.match(/password|Correct-horse/),
    },
  }),
  refused('A new name that is too short', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'replace', path: 'userName', value: 'ab'}), tests: rule('POL-1001'),
  }),
  refused('A new password that is too short', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'replace', path: 'password', value: 'p4$w'}), tests: rule('POL-1003'),
  }),
  request('The user is as before', {
    get: `${users}/{{user_id}}`, expect: 200, schema: 'user',
    tests: {'in the same version': () => pm.expect(body.meta.version).to.equal(vars.get('version'))},
  }),
  request('A new password that is good', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'replace', value: {password: 'N3w!passw0rd'}}), expect: 200, schema: 'user',
    tests: {'it is not shown': () => pm.expect(pm.response.text()).to.not.match(/password|N3w!/)},
  }),
  request('The user is removed', {delete: `${users}/{{user_id}}`, expect: 204}),
]);

/** A sign-in that is refused with this code, with `change` made to the claims of a newcomer. */
function refusedSignIn(name, expect, code, change, fields = {}) {
  return provision(name, {
    expect, code, schema: 'jit_problem', ...fields,
    body: signIn('okta', (claims) => {
      claims.sub += '-refused';
      change(claims);
    }),
  });
}
/** A request whose form is refused. */
const badRequest = (name, expect, code, body) => provision(name, {expect, code, schema: 'jit_problem', body});

const signIns = folder('Sign-ins', 'Every refusal of a sign-in has a code that never changes its meaning (docs/jit-codes.md).', [
  refusedSignIn('A user name that is too short', 400, 'JIT-1202', (claims) => {
    claims.preferred_username = 'ab';
  }, {
    tests: {
      'the gateway is told what to do, and finds it in the log': () => {
        pm.expect(body.onFailure).to.equal('refuse');
        pm.expect(body.correlationId).to.equal(pm.response.headers.get('X-Correlation-Id'));
      },
    },
  }),
  refusedSignIn('A user name with a space', 400, 'JIT-1202', (claims) => {
    claims.preferred_username = 'no good';
  }),
  refusedSignIn('A user name that is no text', 400, 'JIT-1201', (claims) => {
    claims.preferred_username = ['one', 'two'];
  }),
  refusedSignIn('An attribute that is too much', 400, 'JIT-1301', (claims) => {
    claims.preferred_username = 'big-{{run}}';
    claims.given_name = {first: 'Zoë'};
  }, {tests: {'the claim is named': () => pm.expect(body.detail).to.contain('given_name')}}),
  refusedSignIn('More roles than anybody has', 400, 'JIT-1302', (claims) => {
    claims.preferred_username = 'roles-{{run}}';
    claims.groups = Array.from({length: 1001}, (_, number) => `role-${number}`);
  }),
  request('Somebody has the name already', {
    post: users, body: user({userName: 'taken-{{run}}'}), expect: 201, schema: 'user', save: {user_id: 'id'},
  }),
  refusedSignIn('A name that somebody has, in other letters', 409, 'JIT-1203', (claims) => {
    claims.preferred_username = 'Taken-{{run}}';
  }),
  explain('Explain the same', {
    about: 'To explain is to answer: the refusal is the answer, and the status 200.',
    schema: 'explained_refusal',
    body: signIn('okta', (claims) => {
      claims.sub += '-refused';
      claims.preferred_username = 'Taken-{{run}}';
    }),
    tests: {
      'it would be refused for the same reason': () => {
        pm.expect(body.problem.code).to.equal('JIT-1203');
        pm.expect(body.trace[body.trace.length - 1]).to.include({step: 'result', rule: 'JIT-1203'});
      },
    },
  }),
  request('The one who has it is as before, and goes', {delete: `${users}/{{user_id}}`, headers: {'If-Match': 'W/"1"'}, expect: 204}),
  provision('Somebody signs in', {
    body: signIn('okta'), expect: 201, schema: 'provisioned', save: {user_id: 'user.id'},
  }),
  request('Somebody is deactivated', {
    patch: `${users}/{{user_id}}`, body: patch({op: 'replace', value: {active: false}}), expect: 200, schema: 'user',
  }),
  provision('Who is deactivated is refused', {body: signIn('okta'), expect: 403, code: 'JIT-1401', schema: 'jit_problem'}),
  request('A sign-in never activates anybody', {
    get: `${users}/{{user_id}}`, expect: 200, schema: 'user',
    tests: {'the user is not active': () => pm.expect(body.active).to.be.false},
  }),
  request('The user is removed', {delete: `${users}/{{user_id}}`, expect: 204}),
  badRequest('An unknown identity provider', 404, 'JIT-1001', {identityProvider: 'nobody-{{run}}', subject: 's', claims: {}}),
  badRequest('No subject', 400, 'JIT-1003', {identityProvider: 'okta-acme', claims: {}}),
  badRequest('A subject that is too long', 400, 'JIT-1003', {
    identityProvider: 'okta-acme', subject: 's'.repeat(256), claims: {preferred_username: 'long-{{run}}'},
  }),
  badRequest('Claims that are none', 400, 'JIT-1000', {identityProvider: 'okta-acme', subject: 's', claims: 'sub=s'}),
  badRequest('A member that nobody knows', 400, 'JIT-1000', {identityProvider: 'okta-acme', subject: 's', claims: {}, admin: true}),
  badRequest('The same member twice', 400, 'JIT-1000', '{"identityProvider": "okta-acme", "subject": "a", "subject": "b", "claims": {}}'),
  badRequest('Claims beside an ID token', 400, 'JIT-1603', {
    identityProvider: 'okta-acme', subject: 's', claims: {}, idToken: 'e30.e30.',
  }),
  badRequest('An ID token of an identity provider whose tokens are not taken', 409, 'JIT-1602', {
    identityProvider: 'okta-acme', idToken: 'e30.e30.',
  }),
]);

const providers = `${internal}/admin/v1/identity-providers`;
const domains = `${internal}/admin/v1/domains`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});
const newcomer = (subject) => ({identityProvider: 'idp-{{run}}', subject, claims: {}});

const states = folder('Domains and identity providers that are closed', 'A domain and an identity provider of the run, in every state.', [
  call('Make a domain', {
    post: domains, body: {name: 'P-{{run}}', settings: {UsernameJavaRegEx: '^[a-z]{3,20}$', UsernameJavaScriptRegEx: ''}},
    expect: 201, schema: 'domain', save: {domain: 'name'},
  }),
  call('Make an identity provider for it', {
    post: providers, body: {name: 'idp-{{run}}', jit: {isEnabled: true, userstore: '{{domain}}'}}, expect: 201, schema: 'identity_provider',
  }),
  provision('A name by the rule of the domain', {
    body: newcomer('anna'), expect: 201, schema: 'provisioned', save: {user_id: 'user.id'},
    tests: {'it is in the domain': () => pm.expect(body.domain).to.equal(vars.get('domain'))},
  }),
  provision('A name against it', {body: newcomer('anna2'), expect: 400, code: 'JIT-1202', schema: 'jit_problem'}),
  call('The domain becomes read-only', {
    patch: `${domains}/{{domain}}`, body: {settings: {ReadOnly: true}}, expect: 200, schema: 'domain',
  }),
  provision('A newcomer is refused', {body: newcomer('berta'), expect: 403, code: 'JIT-1102', schema: 'jit_problem'}),
  provision('Who is known signs in all the same', {
    body: newcomer('anna'), expect: 200, schema: 'provisioned',
    tests: {'nothing changes': () => pm.expect(body.outcome).to.equal('unchanged')},
  }),
  request('A SCIM client cannot write', {
    post: `${domainBase('{{domain}}')}/Users`, body: user({userName: 'clara'}), expect: 403,
  }),
  request('A SCIM client can read', {
    get: `${domainBase('{{domain}}')}/Users/{{user_id}}`, expect: 200, schema: 'user',
  }),
  call('The domain is disabled', {
    patch: `${domains}/{{domain}}`, body: {settings: {ReadOnly: null, Disabled: true}}, expect: 200, schema: 'domain',
  }),
  provision('Nobody of it signs in', {body: newcomer('anna'), expect: 403, code: 'JIT-1103', schema: 'jit_problem'}),
  call('The identity provider is disabled', {
    patch: `${providers}/idp-{{run}}`, body: {enabled: false}, expect: 200, schema: 'identity_provider',
  }),
  provision('Nobody of it signs in at all', {body: newcomer('anna'), expect: 403, code: 'JIT-1002', schema: 'jit_problem'}),
  call('The identity provider provisions nobody', {
    patch: `${providers}/idp-{{run}}`, body: {enabled: true, jit: {isEnabled: false}}, expect: 200, schema: 'identity_provider',
  }),
  provision('A sign-in is let through without a user', {
    body: newcomer('anna'), expect: 200, schema: 'skipped',
    tests: {'nothing was provisioned': () => pm.expect(body.outcome).to.equal('skipped')},
  }),
  call('The identity provider goes', {delete: `${providers}/idp-{{run}}`, expect: 204}),
  provision('It is unknown now', {body: newcomer('anna'), expect: 404, code: 'JIT-1001', schema: 'jit_problem'}),
  call('The domain goes', {delete: `${domains}/{{domain}}`, query: {confirm: '{{domain}}'}, expect: 204}),
]);

export const policy = folder('Policy refusals', 'What the rules of a user store domain and of an identity provider refuse, by SCIM and at a sign-in.',
  [names, signIns, states]);
