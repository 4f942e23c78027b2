/* global pm, body, vars */
import {explain, provision} from './jit.mjs';
import {domainBase, folder, internal, request, scim, user} from './request.mjs';

const providers = `${internal}/admin/v1/identity-providers`;
const provider = `${providers}/rules-{{run}}`;
const call = (name, fields) => request(name, {token: 'admin_token', ...fields});
/** Changes settings of the identity provider of the run. */
const change = (name, body, more = {}) => call(name, {patch: provider, body, expect: 200, schema: 'identity_provider', ...more});
const claims = (more) => ({email: 'mia-{{run}}@corp.example', email_verified: true, department: 'Research', ...more});
const signIn = (subject, more = {}) => ({identityProvider: 'rules-{{run}}', subject: `${subject}-{{run}}`, claims: claims(more)});
const refused = (name, expect, code, body) => provision(name, {body, expect, code, schema: 'jit_problem'});
const inDomain = (domain, user_name) => `() => {
  pm.expect(body.domain).to.equal('${domain}');
  pm.expect(body.user.userName).to.equal('${user_name}'.replace('{{run}}', vars.get('run')));
}`;
/** Removes a user whose id was kept. */
const goes = (name, domain, variable) => request(name, {delete: `${domainBase(domain)}/Users/{{${variable}}}`, expect: 204});

const make = call('Make an identity provider', {
  about: 'Its users go to PRIMARY under a name from a template; nothing else is special yet.',
  post: providers, expect: 201, schema: 'identity_provider',
  body: {
    name: 'rules-{{run}}',
    claims: {roleClaim: 'groups', mappings: [{idpClaim: 'email', attribute: 'emails[type eq "work"].value'}]},
    jit: {isEnabled: true, userNameTemplate: '{email|localPart|lowercase ?? subject|hash:8}'},
  },
});

const names = folder('User names', '`jit.userNameTemplate`, `jit.sanitizeUserName` and `jit.onUserNameTaken`.', [
  provision('A name from the template', {
    body: signIn('mia'), expect: 201, schema: 'provisioned', save: {mia: 'user.id'},
    tests: {'it is what stands before the @': inDomain('PRIMARY', 'mia-{{run}}')},
  }),
  refused('Another subject with the same name', 409, 'JIT-1203', signIn('mia-2')),
  change('A taken name gets a number', {jit: {onUserNameTaken: 'suffix', sanitizeUserName: true}}),
  provision('Now the second one comes in', {
    body: signIn('mia-2'), expect: 201, schema: 'provisioned', save: {second: 'user.id'},
    tests: {'under the next name': inDomain('PRIMARY', 'mia-{{run}}-2')},
  }),
  change('The name is refused again when it is taken', {jit: {onUserNameTaken: null, sanitizeUserName: null}}),
  goes('The second one goes', 'PRIMARY', 'second'),
]);

const conditions = folder('Who may be provisioned', '`jit.conditions`: no `deny` may hold, and one `allow` must.', [
  change('Research and the verified addresses of a domain, but no contractors', {
    jit: {conditions: {
      allow: [{claim: 'department', equals: 'Research'}, {emailDomain: 'corp.example'}],
      deny: [{claim: 'employee_type', matches: '(?i)contractor|temp.*'}],
    }},
  }),
  refused('Another department with an address that is not verified', 403, 'JIT-1408',
    signIn('olaf', {department: 'Sales', email_verified: false})),
  refused('A temporary employee of Research', 403, 'JIT-1408', signIn('tom', {employee_type: 'Temporary'})),
  explain('Why it is refused', {
    body: signIn('tom', {employee_type: 'Temporary'}), schema: 'explained_refusal',
    tests: {'the condition is named': () => pm.expect(body.problem.detail).to.contain('employee_type')},
  }),
  provision('Who is known is asked as well', {
    body: signIn('mia'), expect: 200, schema: 'provisioned',
    tests: {'and may come in': () => pm.expect(body.user.id).to.equal(vars.get('mia'))},
  }),
  change('Everybody may come in again', {jit: {conditions: null}}),
]);

const routing = folder('Where users go', '`jit.routing` and `jit.allowedDomains`.', [
  change('People of a group go to CORP', {
    jit: {routing: [{group: 'corp-staff', userstore: 'CORP'}], allowedDomains: ['PRIMARY', 'CORP']},
  }),
  provision('Somebody of that group', {
    body: signIn('nora', {email: 'nora-{{run}}@corp.example', groups: ['corp-staff']}), expect: 201, schema: 'provisioned',
    save: {nora: 'user.id'}, tests: {'is in CORP': inDomain('CORP', 'nora-{{run}}')},
  }),
  change('A rule to a domain that is not allowed is refused when it is saved', {jit: {allowedDomains: ['PRIMARY']}},
    {expect: 400, schema: 'problem'}),
  change('A domain that does not exist is refused when it is saved', {jit: {routing: [{group: 'x', userstore: 'NOWHERE'}]}},
    {expect: 400, schema: 'problem', tests: {'by its place': () => pm.expect(body.detail).to.contain('/jit/routing/0/userstore')}}),
  change('Everybody goes to PRIMARY again', {jit: {routing: null, allowedDomains: null}}),
  goes('The user of CORP goes', 'CORP', 'nora'),
]);

const linking = folder('Linking to users that are there', '`jit.associateLocalUser` and its rules.', [
  request('A user that somebody made by SCIM', {
    post: `${scim}/Users`, expect: 201, schema: 'user', save: {local: 'id'},
    body: user({userName: 'local-{{run}}', externalId: 'E-{{run}}', emails: [{value: 'local-{{run}}@corp.example', type: 'work'}]}),
  }),
  change('Find users by their number, else by a verified address', {
    jit: {
      associateLocalUser: true, skipJITForLookupFailure: true,
      accountLookupAttributeMappings: [
        {federatedAttribute: 'employee_number', localAttribute: 'externalId'},
        {federatedAttribute: 'email', localAttribute: 'emails.value', normalize: ['trim', 'stripPlusTag']},
      ],
    },
  }),
  provision('Nobody is found: nobody is provisioned', {
    body: signIn('pia', {email: 'pia-{{run}}@corp.example'}), expect: 200, schema: 'skipped',
  }),
  provision('An address that is not verified links nobody', {
    body: signIn('eve', {email: 'local-{{run}}@corp.example', email_verified: false}), expect: 200, schema: 'skipped',
  }),
  provision('The number links', {
    body: signIn('lea', {employee_number: 'E-{{run}}', email: 'local+news-{{run}}@corp.example'}), expect: 200, schema: 'provisioned',
    tests: {
      'to the user that was there, whose name stays': () => {
        pm.expect(body.outcome).to.equal('linked');
        pm.expect(body.user.id).to.equal(vars.get('local'));
        pm.expect(body.user.userName).to.equal('local-' + vars.get('run'));
      },
    },
  }),
  change('Users can change their own numbers: no rule may go by them', {
    jit: {accountLookupAttributeMappings: [{federatedAttribute: 'phone', localAttribute: 'phoneNumbers.value'}]},
  }, {expect: 400, schema: 'problem'}),
  change('Nobody is looked for any more', {
    jit: {associateLocalUser: null, skipJITForLookupFailure: null, accountLookupAttributeMappings: null},
  }),
  goes('The user goes', 'PRIMARY', 'local'),
]);

const groups = folder('Groups', '`roles.filter`, `roles.createGroups`, `roles.maxRevokedPerLogin` and `jit.idpGroupSyncMethod`.', [
  change('Groups are made, and follow the roles', {
    roles: {filter: ['app-.*'], unmapped: 'pass', createGroups: true, maxRevokedPerLogin: 1},
    jit: {idpGroupSyncMethod: 'OVERRIDE_ALL'},
  }),
  provision('Two roles that count, and one that does not', {
    body: signIn('mia', {groups: ['app-a-{{run}}', 'app-b-{{run}}', 'everyone']}), expect: 200, schema: 'provisioned',
    tests: {
      'two groups were made and granted': () => {
        pm.expect(body.groups.granted).to.have.lengthOf(2);
        pm.expect(body.groups.created).to.have.members(body.groups.granted);
      },
    },
  }),
  refused('More groups would go than one login may take', 403, 'JIT-1303', signIn('mia', {groups: []})),
  provision('One may go', {
    body: signIn('mia', {groups: ['app-a-{{run}}']}), expect: 200, schema: 'provisioned',
    tests: {'and does': () => pm.expect(body.groups.revoked).to.have.lengthOf(1)},
  }),
  change('A limit that limits nothing is advised on', {jit: {idpGroupSyncMethod: 'NONE'}}, {
    query: {advice: 'true'}, schema: 'advised',
    tests: {
      'by two codes': () => {
        pm.expect(body.advice.map((advice) => advice.code)).to.have.members(['JIT-2005', 'JIT-2006']);
        pm.expect(body.identityProvider.name).to.equal('rules-' + vars.get('run'));
      },
    },
  }),
  ...['a', 'b'].flatMap((letter) => [
    request(`Find the group app-${letter}`, {
      get: `${scim}/Groups`, query: {filter: `displayName eq "app-${letter}-{{run}}"`}, expect: 200, schema: 'groups',
      save: {made: 'Resources[0].id'},
    }),
    request(`The group app-${letter} goes`, {delete: `${scim}/Groups/{{made}}`, expect: 204}),
  ]),
]);

const proxies = folder('Identity-aware proxies', '`forwardAuth`: a proxy asks about each request, and gets the user in headers.', [
  request('Nothing is set up', {
    get: `${internal}/jit/v1/forward-auth`, query: {identityProvider: 'rules-{{run}}'}, token: 'jit_token',
    headers: {'X-Forwarded-User': 'mia-{{run}}'}, expect: 403, code: 'JIT-1011', schema: 'jit_problem',
  }),
  change('Say which headers name the user', {
    forwardAuth: {
      subjectHeader: 'X-Forwarded-User', cacheSeconds: 0,
      claimHeaders: [{header: 'X-Forwarded-Email', claim: 'email'}, {header: 'X-Forwarded-Groups', claim: 'groups', separator: ','}],
    },
  }),
  request('Who is signed in is let through', {
    get: `${internal}/jit/v1/forward-auth`, query: {identityProvider: 'rules-{{run}}'}, token: 'jit_token',
    headers: {'X-Forwarded-User': 'mia-{{run}}', 'X-Forwarded-Email': 'mia-{{run}}@corp.example'}, expect: 200, text: true,
    tests: {
      'the user is in the headers': () => {
        pm.expect(pm.response.headers.get('X-Vestibule-User-Id')).to.equal(pm.collectionVariables.get('mia'));
        pm.expect(pm.response.headers.get('X-Vestibule-Domain')).to.equal('PRIMARY');
      },
    },
  }),
  request('Nobody is signed in', {
    get: `${internal}/jit/v1/forward-auth`, query: {identityProvider: 'rules-{{run}}'}, token: 'jit_token',
    expect: 401, code: 'JIT-1010', schema: 'jit_problem',
  }),
]);

const queue = folder('Queued provisions', '`jit.mode` and `Idempotency-Key`.', [
  provision('A login under a key', {
    body: signIn('kai', {email: 'kai-{{run}}@corp.example'}), headers: {'Idempotency-Key': 'kai-{{run}}'}, expect: 201,
    schema: 'provisioned', save: {kai: 'user.id'},
  }),
  provision('The same request again has the same answer', {
    body: signIn('kai', {email: 'kai-{{run}}@corp.example'}), headers: {'Idempotency-Key': 'kai-{{run}}'}, expect: 201,
    schema: 'provisioned',
    tests: {
      'also that the user was created': () => {
        pm.expect(body.outcome).to.equal('created');
        pm.expect(body.user.id).to.equal(vars.get('kai'));
      },
    },
  }),
  provision('The key stands for that request', {
    body: signIn('kim'), headers: {'Idempotency-Key': 'kai-{{run}}'}, expect: 422, code: 'JIT-1012', schema: 'jit_problem',
  }),
  change('Logins are queued from now on', {jit: {mode: 'non-blocking'}}),
  provision('A login is queued', {
    body: signIn('quin', {email: 'quin-{{run}}@corp.example'}), expect: 202, schema: 'queued', save: {operation: 'operation'},
    tests: {'and the answer says where its end is found': () => pm.expect(pm.response.headers.get('Location')).to.equal(body.operation)},
  }),
  request('Wait for its end', {
    get: `${internal}{{operation}}`, query: {wait: '30'}, token: 'jit_token', expect: 200, schema: 'operation',
    save: {quin: 'user.id'},
    tests: {
      'the user was created': () => {
        pm.expect(body.state).to.equal('done');
        pm.expect(body.outcome).to.equal('created');
        pm.expect(body.user.userName).to.equal('quin-' + vars.get('run'));
      },
    },
  }),
  call('Operators see no dead ones', {get: `${internal}/admin/v1/operations`, expect: 200, schema: 'operations'}),
  request('There is no such operation', {
    get: `${internal}/jit/v1/operations/00000000000000000000000000000000`, token: 'jit_token', expect: 404, code: 'JIT-1014',
    schema: 'jit_problem',
  }),
  change('Logins are answered when they are decided again', {jit: {mode: null}}),
  goes('The user of the key goes', 'PRIMARY', 'kai'),
  goes('The user of the queue goes', 'PRIMARY', 'quin'),
]);

const tokens = folder('ID tokens', '`idToken`: the signature of the identity provider says who signs in.', [
  change('Keys over http are refused when they are saved', {
    idToken: {issuer: 'https://login.example', clientIds: ['gateway'], jwksUri: 'http://login.example/jwks'},
  }, {expect: 400, schema: 'problem', tests: {'by their place': () => pm.expect(body.detail).to.contain('/idToken/jwksUri')}}),
  change('Each login needs a token, so a proxy without one could never ask', {
    idToken: {issuer: 'https://login.example', clientIds: ['gateway'], jwksUri: 'https://login.example/jwks'},
  }, {expect: 400, schema: 'problem', tests: {'and that is refused': () => pm.expect(body.detail).to.contain('/forwardAuth')}}),
  change('Each login needs a token', {
    idToken: {issuer: 'https://login.example', clientIds: ['gateway'], jwksUri: 'https://login.example/jwks'}, forwardAuth: null,
  }, {
    tests: {
      'HMACs are not among the algorithms': () => {
        pm.expect(body.idToken.required).to.equal(true);
        pm.expect(body.idToken.algorithms.filter((name) => name.startsWith('HS'))).to.eql([]);
      },
    },
  }),
  refused('Claims on the word of the gateway', 400, 'JIT-1601', signIn('mia')),
  refused('A token without a signature', 403, 'JIT-1612', {
    identityProvider: 'rules-{{run}}', idToken: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaWEifQ.',
  }),
]);

const history = folder('History and rollback', 'The last 50 versions of the settings are kept.', [
  call('Every change was a version', {
    get: `${provider}/history`, expect: 200, schema: 'versions',
    tests: {
      'the newest comes first, with its author': () => {
        pm.expect(body.versions[0].version).to.equal(body.versions.length);
        pm.expect(body.versions[0].by).to.match(/^token:/);
      },
    },
  }),
  call('The first one', {
    get: `${provider}/history/1`, expect: 200, schema: 'identity_provider',
    tests: {'took no tokens': () => pm.expect(body).to.not.have.property('idToken')},
  }),
  call('It is in force again', {
    post: `${provider}/rollback`, body: {version: 1}, expect: 200, schema: 'identity_provider',
    tests: {
      'as a new version': () => {
        pm.expect(body).to.not.have.property('idToken');
        pm.expect(pm.response.headers.get('ETag')).to.not.equal('W/"1"');
      },
    },
  }),
  call('A version that there is none of', {post: `${provider}/rollback`, body: {version: 999}, expect: 404, schema: 'problem'}),
  provision('Claims are taken again', {body: signIn('mia'), expect: 200, schema: 'provisioned'}),
  goes('The user goes', 'PRIMARY', 'mia'),
  call('The identity provider goes', {delete: provider, expect: 204}),
  call('Its history stays', {
    get: `${provider}/history`, expect: 200, schema: 'versions',
    tests: {'with the deletion': () => pm.expect(body.versions[0].deleted).to.equal(true)},
  }),
]);

export const loginSettings = folder('Settings of logins', 'What one identity provider can be told, setting by setting.',
  [make, names, conditions, routing, linking, groups, queue, proxies, tokens, history]);
