/* global pm, body, vars */
import {people, signIn} from './golden.mjs';
import {domainBase, folder, group, internal, patch, request, urn} from './request.mjs';

/** Posts claims to the gateway's endpoint. `fields` as for `request`, with the sign-in as `body`. */
export const provision = (name, fields) =>
  request(name, {post: `${internal}/jit/v1/provision`, token: 'jit_token', ...fields});
/** The same for the endpoint that writes nothing. */
export const explain = (name, fields) =>
  request(name, {post: `${internal}/jit/v1/explain`, token: 'jit_token', expect: 200, ...fields});

/** The text of a test: the answer has this outcome and is about the user of the run. */
const outcomeIs = (outcome) => `() => {
  pm.expect(body.outcome).to.equal('${outcome}');
  pm.expect(body.user.id).to.equal(vars.get('user_id'));
}`;
const created = (domain, user_name) => `() => {
  pm.expect(body.outcome).to.equal('created');
  pm.expect(body.domain).to.equal('${domain}');
  pm.expect(body.user.userName).to.equal('${user_name}'.replace('{{run}}', vars.get('run')));
}`;
const where = (domain) => `() => {
  const location = pm.variables.get('scim_url') + '/domains/${domain}/scim/v2/Users/' + body.user.id;
  pm.expect(body.user.meta.location).to.equal(location);
  pm.expect(pm.response.headers.get('Location')).to.equal(location);
}`;

/** Makes sure that the group of a role exists: JIT grants groups that are there and makes none. */
function groupOfRole(domain, name) {
  return request(`The group ${domain}/${name} is there`, {
    about: 'JIT makes no groups. The group may be there already (409); then the end of the folder leaves it alone.',
    post: `${domainBase(domain)}/Groups`, body: group({displayName: name}), expect: [201, 409],
    tests: {
      'remember it, if it is ours to remove': `() => {
        pm.expect(body.schemas).to.have.lengthOf(1);
        vars.set('made_${name}', pm.response.code === 201 ? body.id : '');
      }`,
    },
  });
}
function withoutGroupOfRole(domain, name) {
  return request(`The group ${domain}/${name} goes, if it came with us`, {
    delete: `${domainBase(domain)}/Groups/{{made_${name}}}`, expect: 204,
    before: `() => {
      if (!pm.collectionVariables.get('made_${name}')) pm.execution.skipRequest();
    }`,
  });
}

/** The part that is the same for every identity provider: explained, created, known; then what is special, then the end. */
function provider(who, about, {groups = [], attributes, special}) {
  const {provider: name, domain, user_name} = people[who];
  const users = `${domainBase(domain)}/Users`;
  const body = signIn(who);
  return folder(`${about.title}: ${name}`, about.text, [
    ...groups.map((role) => groupOfRole(domain, role)),
    explain('Explain the first sign-in', {
      about: 'Takes the body of a sign-in, writes nothing, and tells every step of the decision.',
      body, schema: 'explained',
      tests: {
        'a user would be created': created(domain, user_name),
        'the trace begins with the identity provider and ends with the result': () => {
          pm.expect(body.trace[0].step).to.equal('identityProvider');
          pm.expect(body.trace[body.trace.length - 1]).to.include({step: 'result', outcome: 'created'});
        },
        'there is no id yet': () => pm.expect(body.user).to.not.have.property('id'),
      },
    }),
    request('Explaining wrote nothing', {
      get: users, query: {filter: `userName eq "${user_name}"`}, expect: 200, schema: 'users',
      tests: {'there is no such user': () => pm.expect(body.totalResults).to.equal(0)},
    }),
    provision('First sign-in: created', {
      body, expect: 201, schema: 'provisioned', save: {user_id: 'user.id', version: 'user.meta.version'},
      tests: {
        'the user is new': created(domain, user_name),
        'Location is where SCIM clients find it': where(domain),
        'the claims have become attributes': attributes,
        'the roles have become groups': `() => {
          pm.expect(body.groups.granted).to.have.members(${JSON.stringify(groups)});
          pm.expect(body.groups.revoked).to.eql([]);
        }`,
        'the gateway finds its request again': () => {
          pm.expect(pm.response.headers.get('X-Correlation-Id')).to.equal(body.correlationId);
        },
      },
    }),
    provision('Second sign-in with the same claims: unchanged', {
      body, expect: 200, schema: 'provisioned',
      tests: {
        'it is the user of before': outcomeIs('unchanged'),
        'in the version of before': () => pm.expect(body.user.meta.version).to.equal(vars.get('version')),
        'no groups come or go': () => pm.expect(body.groups).to.deep.include({granted: [], revoked: []}),
      },
    }),
    request('A SCIM client finds the user by where it comes from', {
      get: users, expect: 200, schema: 'users',
      query: {filter: `${urn.provenance}:identities[identityProvider eq "${name}" and subject eq "${body.subject}"]`},
      tests: {
        'it is the user of the sign-in': () => {
          pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('user_id')]);
          const [identity] = body.Resources[0]['urn:vestibule:params:scim:schemas:extension:provenance:2.0:User'].identities;
          pm.expect(identity.state).to.equal('synced');
          pm.expect(identity.firstProvisioned).to.equal(identity.lastProvisioned);
        },
      },
    }),
    ...special({users, user: `${users}/{{user_id}}`}),
    request('The user is removed', {delete: `${users}/{{user_id}}`, expect: 204}),
    ...groups.map((role) => withoutGroupOfRole(domain, role)),
  ]);
}

/** A sign-in of the known user that changes it. */
const updated = (name, body, tests) => provision(name, {
  body, expect: 200, schema: 'provisioned', save: {version: 'user.meta.version'},
  tests: {'it is the user of before, changed': outcomeIs('updated'), ...tests},
});

/** What SCIM shows of the user. */
const read = (name, user, tests) => request(name, {
  get: user, expect: 200, schema: 'user', tests,
});

const okta = provider('okta', {
  title: 'Okta', text: 'Attributes and groups follow the claims (`OVERRIDE_ALL`); one role is mapped to a group, others are dropped.',
}, {
  groups: ['admins'],
  attributes: () => {
    const {user} = body;
    pm.expect(user.name).to.eql({familyName: 'Núñez', givenName: 'Zoë', middleName: 'Marie'});
    pm.expect(user).to.include({displayName: 'Zoë Núñez', nickName: 'Zo', locale: 'es-ES', timezone: 'Europe/Madrid'});
    pm.expect(user.phoneNumbers).to.eql([{value: '+34 612 345 678', type: 'mobile'}]);
    pm.expect(user.addresses).to.eql([
      {streetAddress: 'Calle de Alcalá 50', locality: 'Madrid', country: 'ES', type: 'work'},
    ]);
    pm.expect(user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User']).to.eql({
      employeeNumber: '40817', department: 'Research',
    });
    pm.expect(user).to.not.have.property('profileUrl');
  },
  special: ({users, user}) => [
    read('A SCIM client reads the user and its group', user, {
      'the group is there': () => pm.expect(body.groups.map((group) => group.display)).to.eql(['admins']),
    }),
    request('Somebody adds a title by hand', {
      patch: user, body: patch({op: 'add', path: 'title', value: 'Local'}), expect: 200, schema: 'user', save: {version: 'meta.version'},
    }),
    explain('Explain a sign-in with other claims', {
      body: signIn('okta', (claims) => {
        claims.department = 'Platform';
      }),
      schema: 'explained',
      tests: {'the user would be updated': outcomeIs('updated')},
    }),
    read('Explaining changed nothing', user, {
      'the version is the one of before': () => pm.expect(body.meta.version).to.equal(vars.get('version')),
    }),
    updated('Another department, and no role any more: updated', signIn('okta', (claims) => {
      claims.department = 'Platform';
      claims.groups = ['Everyone'];
    }), {
      'the department is the new one': () => {
        pm.expect(body.user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department).to.equal('Platform');
      },
      'what no claim says goes': () => pm.expect(body.user).to.not.have.property('title'),
      'the group is taken back': () => pm.expect(body.groups).to.deep.include({granted: [], revoked: ['admins']}),
    }),
    updated('No department: its default', signIn('okta', (claims) => {
      delete claims.department;
    }), {
      'the department is the default': () => {
        pm.expect(body.user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department).to.equal('unassigned');
      },
      'the group is granted again': () => pm.expect(body.groups.granted).to.eql(['admins']),
    }),
    read('A SCIM client reads the change', user, {
      'it is in the version that the gateway saw': () => {
        pm.expect(body.meta.version).to.equal(vars.get('version'));
        pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department).to.equal('unassigned');
        pm.expect(body.groups.map((group) => group.display)).to.eql(['admins']);
      },
    }),
    request('A SCIM client deletes the user', {delete: user, expect: 204}),
    provision('The person signs in again: created anew', {
      body: signIn('okta'), expect: 201, schema: 'provisioned',
      tests: {
        'it is another user of the same name': () => {
          pm.expect(body.outcome).to.equal('created');
          pm.expect(body.user.id).to.not.equal(vars.get('user_id'));
          pm.expect(body.user.userName).to.equal('zoe-' + vars.get('run') + '@acme.example');
        },
      },
      save: {user_id: 'user.id'},
    }),
  ],
});

const entra = provider('entra', {
  title: 'Microsoft Entra ID',
  text: 'Claims win, and what people added by hand stays (`PRESERVE_LOCAL`). Groups come as object ids; one is mapped to two groups.',
}, {
  groups: ['employees', 'engineers'],
  attributes: () => {
    const {user} = body;
    pm.expect(user.name).to.eql({familyName: 'Müller', givenName: 'Łukasz'});
    pm.expect(user).to.include({
      externalId: '9f1c3f8a-2d5b-4e6f-8a7c-1b2d3e4f5a6b', title: 'Ingénieur principal', preferredLanguage: 'de-DE',
    });
    pm.expect(user.roles).to.eql([{value: 'Employee.Reader'}]);
    pm.expect(user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User']).to.eql({
      employeeNumber: 'E-2207', department: 'Engineering',
    });
  },
  special: ({user}) => [
    request('Somebody adds a nickname by hand', {
      patch: user, body: patch({op: 'add', path: 'nickName', value: 'Luki'}), expect: 200, schema: 'user',
    }),
    updated('Another title: updated', signIn('entra', (claims) => {
      claims.jobTitle = 'Architekt';
    }), {
      'the claim wins': () => pm.expect(body.user.title).to.equal('Architekt'),
      'the nickname stays': () => pm.expect(body.user.nickName).to.equal('Luki'),
    }),
    provision('Too many groups for the token: they stay', {
      about: 'Entra ID then says only where the groups can be fetched (`_claim_names`).',
      body: signIn('entra', (claims) => {
        claims.jobTitle = 'Architekt';
        delete claims.groups;
        claims._claim_names = {groups: 'src1'};
        claims._claim_sources = {src1: {endpoint: 'https://graph.microsoft.example/v1.0/users/1/getMemberObjects'}};
      }),
      expect: 200, schema: 'provisioned',
      tests: {
        'no group is taken away': () => pm.expect(body.groups).to.eql({granted: [], revoked: [], ignored: [], created: []}),
      },
    }),
    updated('No groups: taken back', signIn('entra', (claims) => {
      claims.jobTitle = 'Architekt';
      claims.groups = [];
    }), {
      'both groups are gone': () => pm.expect(body.groups.revoked).to.have.members(['employees', 'engineers']),
    }),
    read('A SCIM client reads the user', user, {
      'the change is there, and no group': () => {
        pm.expect(body).to.include({title: 'Architekt', nickName: 'Luki'});
        pm.expect(body).to.not.have.property('groups');
      },
    }),
  ],
});

const google = provider('google', {
  title: 'Google', text: 'No groups in the token; the e-mail address is the user name; a failure lets people in (`onFailure: allow`).',
}, {
  attributes: () => {
    const {user} = body;
    pm.expect(user.name).to.eql({familyName: '田中', givenName: '由紀'});
    pm.expect(user.displayName).to.equal('田中 由紀');
    pm.expect(user.emails).to.eql([{value: user.userName}]);
    pm.expect(user.photos).to.eql([{value: 'https://lh3.googleusercontent.example/a/ACg8ocK0=s96-c', type: 'photo'}]);
    pm.expect(user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].organization).to.equal('lingua.example');
  },
  special: ({user}) => [
    updated('Another picture: updated', signIn('google', (claims) => {
      claims.picture = 'https://lh3.googleusercontent.example/a/new=s96-c';
    }), {
      'there is one picture, the new one': () => {
        pm.expect(body.user.photos).to.eql([{value: 'https://lh3.googleusercontent.example/a/new=s96-c', type: 'photo'}]);
      },
    }),
    updated('Another address, which is the user name of newcomers only', signIn('google', (claims) => {
      claims.email = 'moved-{{run}}@lingua.example';
    }), {
      'the address changes, the user name stays': () => {
        pm.expect(body.user.emails[0].value).to.equal('moved-' + vars.get('run') + '@lingua.example');
        pm.expect(body.user.userName).to.equal('yuki-' + vars.get('run') + '@lingua.example');
      },
    }),
    provision('A name that is refused: the gateway may let the person in', {
      body: signIn('google', (claims) => {
        claims.sub += '-other';
        claims.email = 'not a name';
      }),
      expect: 400, code: 'JIT-1202', schema: 'jit_problem',
      tests: {'the setting of this identity provider is there': () => pm.expect(body.onFailure).to.equal('allow')},
    }),
    read('A SCIM client reads the user', user, {
      'in the version that the gateway saw': () => pm.expect(body.meta.version).to.equal(vars.get('version')),
    }),
  ],
});

const keycloak = provider('keycloak', {
  title: 'Keycloak', text: 'Roles are nested in the claims; groups are only ever added (`MERGE_WITH_EXISTING`). Users go to CORP.',
}, {
  groups: ['managers'],
  attributes: () => {
    const {user} = body;
    pm.expect(user.name).to.eql({formatted: 'Björn Østergård', familyName: 'Østergård', givenName: 'Björn'});
    pm.expect(user.locale).to.equal('da');
    pm.expect(user.phoneNumbers.map((number) => number.value)).to.have.members(['+45 12 34 56 78', '+45 87 65 43 21']);
    pm.expect(user.entitlements).to.eql([{value: 'editors'}]);
    pm.expect(body.groups.ignored).to.include('offline_access');
  },
  special: ({user}) => [
    updated('One telephone number less, and no role: updated', signIn('keycloak', (claims) => {
      claims.phone = ['+45 12 34 56 78'];
      claims.realm_access.roles = ['offline_access'];
    }), {
      'one number is left': () => pm.expect(body.user.phoneNumbers).to.eql([{value: '+45 12 34 56 78'}]),
      'the group stays': () => pm.expect(body.groups.revoked).to.eql([]),
    }),
    read('A SCIM client reads the user', user, {
      'the group is still there': () => pm.expect(body.groups.map((group) => group.display)).to.include('managers'),
    }),
    request('It is there under the base of all domains too', {
      get: '{{scim_url}}/scim/v2/Users/{{user_id}}', expect: 200, schema: 'user',
      tests: {
        'with the domain in its name': () => pm.expect(body.userName).to.equal('CORP/bjorn-' + vars.get('run')),
      },
    }),
  ],
});

const wso2 = provider('wso2', {
  title: 'WSO2 Identity Server', text: 'User names and groups carry their domain (`As in username`); roles pass as they are (`unmapped: pass`).',
}, {
  groups: ['auditors', 'finance'],
  attributes: () => {
    const {user} = body;
    pm.expect(user.name).to.eql({familyName: 'Ọkafọ', givenName: 'Amara'});
    pm.expect(user.addresses).to.eql([{formatted: '12 Broad Street, Lagos', locality: 'Lagos', type: 'home'}]);
    pm.expect(user.phoneNumbers).to.eql([{value: '+2348012345678', type: 'mobile'}]);
  },
  special: ({user}) => [
    updated('Another town, and one role less: updated', signIn('wso2', (claims) => {
      claims.address.locality = 'Abuja';
      claims.groups = 'CORP/finance,PRIMARY/everyone';
    }), {
      'the town is the new one': () => pm.expect(body.user.addresses[0].locality).to.equal('Abuja'),
      'roles may come as one text; those of other domains do not count': () => {
        pm.expect(body.groups).to.eql({granted: [], revoked: ['auditors'], ignored: [], created: []});
      },
    }),
    read('A SCIM client reads the user', user, {
      'one group is left': () => pm.expect(body.groups.map((group) => group.display)).to.eql(['finance']),
    }),
    provision('Somebody whose domain is unknown: PRIMARY', {
      body: signIn('wso2', (claims) => {
        claims.sub = 'NOWHERE/amara-{{run}}';
        claims.username = 'NOWHERE/amara-{{run}}';
        claims.groups = [];
      }),
      expect: 201, schema: 'provisioned', save: {other_id: 'user.id'},
      tests: {'the user is new': created('PRIMARY', 'amara-{{run}}')},
    }),
    request('That user is removed', {delete: '{{scim_url}}/scim/v2/Users/{{other_id}}', expect: 204}),
    explain('Nothing behind the domain: refused', {
      body: signIn('wso2', (claims) => {
        claims.sub += '-nameless';
        claims.username = 'CORP/';
      }),
      schema: 'explained_refusal',
      tests: {'there is no user name': () => pm.expect(body.problem.code).to.equal('JIT-1201')},
    }),
  ],
});

const sample = folder('The sample of scripts/run: okta-corp', 'What the three curl lines of `scripts/run` do: a sign-in to CORP, with CORP/admins.', [
  provision('A sign-in', {
    body: signIn('okta', undefined, 'okta-corp'), expect: 201, schema: 'provisioned', save: {user_id: 'user.id'},
    tests: {
      'the user is in CORP': created('CORP', 'zoe-{{run}}@acme.example'),
      'the group is granted': () => pm.expect(body.groups.granted).to.eql(['admins']),
    },
  }),
  request('A SCIM client reads it', {
    get: `${domainBase('CORP')}/Users`, query: {filter: 'userName eq "zoe-{{run}}@acme.example"'}, expect: 200, schema: 'users',
    tests: {'it is found': () => pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('user_id')])},
  }),
  request('It deactivates it', {
    patch: `${domainBase('CORP')}/Users/{{user_id}}`, body: patch({op: 'replace', path: 'active', value: false}), expect: 200, schema: 'user',
  }),
  provision('A sign-in after that: refused', {
    body: signIn('okta', undefined, 'okta-corp'), expect: 403, code: 'JIT-1401', schema: 'jit_problem',
  }),
  request('The user is removed', {delete: `${domainBase('CORP')}/Users/{{user_id}}`, expect: 204}),
]);

export const jit = folder('JIT provisioning',
  'Sign-ins at five identity providers, as the gateway posts them: the settings and claims are those of tests/golden, which the '
  + `sample of \`scripts/run\` brings along. Enterprise attributes are those of ${urn.enterprise}.`,
  [okta, entra, google, keycloak, wso2, sample]);
