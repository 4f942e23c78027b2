/* global pm, body, vars */
import {explain, provision} from './jit.mjs';
import {domainBase, folder, internal, request} from './request.mjs';

const api = `${internal}/admin/v1`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});
const failed = (name, expect, fields) => call(name, {expect, schema: 'problem', ...fields});
const signIn = (more = {}) => ({identityProvider: 'audit-{{run}}', subject: 'una-{{run}}', claims: {title: 'Dr', ...more}});
const events = (name, query, fields) => call(name, {get: `${api}/audit`, query, expect: 200, schema: 'audit', ...fields});

const decisions = folder('Decisions by correlation id', 'What was decided about one login, and how (docs/jit.md).', [
  call('Make an identity provider', {
    post: `${api}/identity-providers`, expect: 201, schema: 'identity_provider',
    body: {
      name: 'audit-{{run}}', claims: {mappings: [{idpClaim: 'title', attribute: 'title'}]},
      jit: {isEnabled: true, userNameTemplate: '{subject}'},
    },
  }),
  provision('A login with an id of the gateway', {
    body: signIn(), headers: {'X-Correlation-Id': 'una-{{run}}'}, expect: 201, schema: 'provisioned', save: {una: 'user.id'},
    tests: {'it is taken over': () => pm.expect(body.correlationId).to.equal('una-' + vars.get('run'))},
  }),
  request('How it was decided', {
    get: `${internal}/jit/v1/decisions/una-{{run}}`, token: 'jit_token', expect: 200, schema: 'decisions',
    tests: {'with every step': () => {
      pm.expect(body.decisions[0].action).to.equal('jit.created');
      pm.expect(body.decisions[0].user).to.equal(vars.get('una'));
      pm.expect(body.decisions[0].trace.map((step) => step.step)).to.include('write');
    }},
  }),
  explain('An explanation is no decision', {
    body: signIn(), headers: {'X-Correlation-Id': 'una-asks-{{run}}'}, schema: 'explained',
  }),
  request('So nothing is kept of it', {
    get: `${internal}/jit/v1/decisions/una-asks-{{run}}`, token: 'jit_token', expect: 404, code: 'JIT-1015', schema: 'jit_problem',
  }),
]);

const audit = folder('The audit', 'What was changed, by whom (docs/admin.md).', [
  events('Of one request', {correlationId: 'una-{{run}}'}, {
    tests: {'who asked, and which attributes changed': () => {
      pm.expect(body.events).to.have.lengthOf(1);
      pm.expect(body.events[0].attributes).to.include('title');
      pm.expect(body.events[0].actor.name).to.be.a('string').that.is.not.empty;
    }},
  }),
  events('Of one user', {user: '{{una}}'}, {
    tests: {'it was created': () => pm.expect(body.events.map((event) => event.action)).to.include('jit.created')},
  }),
  events('Of one federated identity', {identityProvider: 'audit-{{run}}', subject: 'una-{{run}}', count: '1'}),
  failed('A subject without its identity provider', 400, {get: `${api}/audit`, query: {subject: 'una'}}),
  failed('A time that is none', 400, {get: `${api}/audit`, query: {from: 'yesterday'}}),
  request('The user goes', {
    delete: `${domainBase('PRIMARY')}/Users/{{una}}`, headers: {'X-Correlation-Id': 'una-goes-{{run}}'}, expect: 204,
    tests: {'the answer has the id': () => pm.expect(pm.response.headers.get('X-Correlation-Id')).to.equal('una-goes-' + vars.get('run'))},
  }),
  events('By a change over SCIM', {correlationId: 'una-goes-{{run}}', resource: '{{una}}'}, {
    tests: {'which is in the audit': () => pm.expect(body.events.map((event) => event.action)).to.eql(['user.deleted'])},
  }),
  events('What was done stays known', {correlationId: 'una-{{run}}'}, {
    tests: {'the event is there': () => pm.expect(body.events).to.have.lengthOf(1)},
  }),
  call('The identity provider goes', {delete: `${api}/identity-providers/audit-{{run}}`, expect: 204}),
]);

export const auditFolder = folder('Audit', 'What was decided and changed, and how it was decided.', [decisions, audit]);
