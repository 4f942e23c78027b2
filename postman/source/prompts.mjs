/* global pm, body, vars */
import {explain, provision} from './jit.mjs';
import {domainBase, folder, internal, request} from './request.mjs';

const providers = `${internal}/admin/v1/identity-providers`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});
const signIn = (subject, more = {}) => ({
  identityProvider: 'prompts-{{run}}', subject: `${subject}-{{run}}`, claims: {title: 'Dr', ...more},
  returnUrl: 'https://gateway.example/signed-in?state=42',
});
/** Whoever has the ticket needs no token. */
const page = (name, fields) => request(name, {token: null, ...fields});
const agreed = [{purpose: 'DEFAULT', version: 1, agreed: ['']}];
const answers = (more = {}) => ({
  userName: 'pia-{{run}}', password: 'correct-horse', passwordConfirmation: 'correct-horse',
  attributes: {displayName: 'Pia'}, consents: agreed, language: 'en', ...more,
});
const wrong = (name, more, field, reason) => page(name, {
  post: '{{prompt_url}}', body: answers(more), expect: 400, code: 'JIT-1412', schema: 'prompt_problem',
  tests: {[`${field} is ${reason}`]: `() => pm.expect(body.problems.map((p) => p.field + ' ' + p.reason)).to.include('${field} ${reason}')`},
});

const make = call('Make an identity provider that asks', {
  post: providers, expect: 201, schema: 'identity_provider',
  body: {
    name: 'prompts-{{run}}',
    claims: {mappings: [{idpClaim: 'title', attribute: 'title'}, {idpClaim: 'name', attribute: 'displayName', required: true}]},
    jit: {
      isEnabled: true, scheme: 'PROMPT_USERNAME_PASSWORD_CONSENT', userNameTemplate: 'pia-{title|lowercase}',
      prompt: {returnOrigins: ['https://gateway.example']},
    },
  },
});

const asked = folder('A person is asked', 'From the login to the answer, as JSON (docs/prompts.md).', [
  explain('What would be asked', {
    body: signIn('pia'), schema: 'explained_prompt',
    tests: {'a user name, a password and a display name': () => {
      pm.expect(body.prompt.userName).to.have.property('proposed');
      pm.expect(body.prompt.password).to.be.an('object');
      pm.expect(body.prompt.attributes[0].attribute).to.equal('displayName');
    }},
  }),
  provision('A login opens a prompt', {
    body: signIn('pia'), expect: 200, schema: 'prompted', save: {prompt_url: 'prompt.url', prompt_state: 'prompt.state'},
  }),
  provision('Back to another site is refused', {
    body: {...signIn('pia'), returnUrl: 'https://evil.example/'}, expect: 400, code: 'JIT-1019', schema: 'jit_problem',
  }),
  page('What is asked', {
    get: '{{prompt_url}}', expect: 200, schema: 'prompt_form',
    tests: {'what the identity provider asserts is shown': () => pm.expect(body.claims[0].value).to.equal('Dr')},
  }),
  page('A name that would do', {
    post: '{{prompt_url}}/user-name', body: {userName: 'pia-{{run}}'}, expect: 200, schema: 'name_check',
    tests: {'it is free': () => pm.expect(body.available).to.equal(true)},
  }),
  page('A name against the policy', {
    post: '{{prompt_url}}/user-name', body: {userName: 'p'}, expect: 200, schema: 'name_check',
    tests: {'says so': () => pm.expect(body.reason).to.equal('policy')},
  }),
  wrong('Another password the second time', {passwordConfirmation: 'other'}, 'passwordConfirmation', 'mismatch'),
  wrong('No display name', {attributes: {}}, 'attributes.displayName', 'missing'),
  wrong('What the identity provider asserts cannot be changed', {attributes: {displayName: 'Pia', title: 'King'}}, 'attributes.title', 'notAskedFor'),
  wrong('Without consent nobody is provisioned', {consents: []}, 'consent.DEFAULT', 'mandatory'),
  request('Nothing has happened yet', {
    get: `${internal}{{prompt_state}}`, token: 'jit_token', expect: 200, schema: 'prompt_state',
    tests: {'it is open': () => pm.expect(body.state).to.equal('open')},
  }),
  page('The answer', {
    post: '{{prompt_url}}', body: answers(), expect: 200, schema: 'prompt_answered',
    tests: {'the user was created, and the browser goes back': () => {
      pm.expect(body.outcome).to.equal('created');
      pm.expect(body.returnUrl).to.match(/^https:\/\/gateway\.example\/signed-in\?state=42&vestibulePrompt=[0-9a-f]{32}$/);
    }},
  }),
  page('A ticket is good for one answer', {
    post: '{{prompt_url}}', body: answers({userName: 'pia2-{{run}}'}), expect: 410, code: 'JIT-1017', schema: 'jit_problem',
  }),
  request('What came of it', {
    get: `${internal}{{prompt_state}}`, token: 'jit_token', expect: 200, schema: 'prompt_state', save: {pia: 'user.id'},
    tests: {'the user is there': () => {
      pm.expect(body.state).to.equal('answered');
      pm.expect(body.user.userName).to.equal('pia-' + vars.get('run'));
      pm.expect(body.user.displayName).to.equal('Pia');
    }},
  }),
  provision('The next login asks nothing', {
    body: signIn('pia'), expect: 200, schema: 'provisioned',
    tests: {'and changes nothing': () => pm.expect(body.outcome).to.equal('unchanged')},
  }),
  call('What the person decided', {
    get: `${internal}/admin/v1/users/{{pia}}/consents`, expect: 200, schema: 'consents',
    tests: {'they agreed': () => pm.expect(body.consents[0].consent).to.equal('agreed')},
  }),
]);

const declined = folder('A person declines', 'Nobody is provisioned, and the gateway learns why.', [
  provision('A login opens a prompt', {
    body: signIn('paul'), expect: 200, schema: 'prompted', save: {prompt_url: 'prompt.url', prompt_state: 'prompt.state'},
  }),
  page('They do not want to', {
    post: '{{prompt_url}}', body: {decline: true}, expect: 200, schema: 'prompt_answered',
    tests: {'refused': () => pm.expect(body.outcome).to.equal('refused')},
  }),
  request('What came of it', {
    get: `${internal}{{prompt_state}}`, token: 'jit_token', expect: 200, schema: 'prompt_state',
    tests: {'declined': () => pm.expect(body.problem.code).to.equal('JIT-1410')},
  }),
  page('No such ticket', {
    get: '{{prompt_url}}x', expect: 404, code: 'JIT-1016', schema: 'jit_problem',
  }),
  request('No such prompt', {
    get: `${internal}/jit/v1/prompts/00000000000000000000000000000000`, token: 'jit_token', expect: 404, code: 'JIT-1016',
    schema: 'jit_problem',
  }),
]);

const end = folder('The end', 'What the folder made goes.', [
  request('The user goes', {delete: `${domainBase('PRIMARY')}/Users/{{pia}}`, expect: 204}),
  call('The identity provider goes', {delete: `${providers}/prompts-{{run}}`, expect: 204}),
]);

export const prompts = folder('Prompts', 'People are asked before they are provisioned (docs/prompts.md).',
  [make, asked, declined, end]);
