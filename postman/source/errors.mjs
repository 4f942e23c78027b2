/* global pm, body, vars */
import {signIn} from './golden.mjs';
import {domainBase, folder, group, internal, patch, request, scim, urn, user} from './request.mjs';

const users = `${scim}/Users`;
const groups = `${scim}/Groups`;
const one = `${users}/{{user_id}}`;
const other = `${users}/{{other_id}}`;
const provisioning = `${internal}/jit/v1/provision`;
const admin = `${internal}/admin/v1`;
const stranger = '6a1f4f0e-3c0c-4d9b-8d7e-0d2b6f1f9a55';
const both = 'userName eq "target-{{run}}" or userName eq "other-{{run}}"';
const search = (fields) => ({schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], ...fields});
/** A cursor goes with its query. */
const pages = {filter: both, sortBy: 'userName', count: 1};

/** A folder of requests that are all answered with one error: name and fields of each. */
function error(status, scimType, about, ...cases) {
  const expected = scimType ? {expect: status, scimType, schema: 'scim_error'} : {expect: status};
  return folder(scimType ? `${status} ${scimType}` : String(status), about,
    cases.map((one) => (Array.isArray(one) ? request(one[0], {...expected, ...one[1]}) : one)));
}
/** The methods that `Allow` has to name, and the one that it must not. */
function allows(named, refused) {
  return {
    'the methods that are taken are named': `() => {
      pm.expect(pm.response.headers.get('Allow').split(', ')).to.include.members(${JSON.stringify(named)}).and.not.include('${refused}');
    }`,
  };
}

const before = folder('Before', 'Two users of PRIMARY and one of CORP, whom errors must leave alone, and a token that may little.', [
  request('Create a user of PRIMARY', {
    post: users, body: user({userName: 'target-{{run}}', displayName: 'Own {{run}}'}), expect: 201, schema: 'user',
    save: {user_id: 'id', version: 'meta.version'},
  }),
  request('Create another', {post: users, body: user({userName: 'other-{{run}}'}), expect: 201, schema: 'user', save: {other_id: 'id'}}),
  request('Create a user of CORP', {
    post: users, body: user({userName: 'CORP/own-{{run}}', displayName: 'Own {{run}}'}), expect: 201, schema: 'user',
    save: {corp_id: 'id'},
  }),
  request('Make a token that only reads, and only CORP', {
    post: `${admin}/tokens`, token: 'admin_token', expect: 201, schema: 'token',
    body: {name: 'reader-{{run}}', scopes: 'scim:read', domains: ['CORP']}, save: {reader_token: 'token'},
    tests: {'it is bound to CORP': () => pm.expect(body.domains).to.eql(['CORP'])},
  }),
  request('The token reads a user of CORP', {get: `${users}/{{corp_id}}`, token: 'reader_token', expect: 200, schema: 'user'}),
  request('A list shows only users of CORP', {
    get: users, query: {filter: 'displayName eq "Own {{run}}"'}, token: 'reader_token', expect: 200, schema: 'users',
    tests: {'one of the two': () => pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('corp_id')])},
  }),
]);

const refusals = [
  error(400, 'invalidSyntax', 'The message is not what its schema says.',
    ['No JSON', {post: users, body: '{"userName": '}],
    ['No body', {post: users, body: ''}],
    ['No object', {post: users, body: '[]'}],
    ['The same key twice', {
      post: users, body: `{"schemas": ["${urn.user}"], "userName": "aaa-{{run}}", "userName": "bbb-{{run}}"}`,
    }],
    ['The same key twice, in other letters', {
      post: users, body: `{"schemas": ["${urn.user}"], "userName": "aaa-{{run}}", "USERNAME": "bbb-{{run}}"}`,
    }],
    ['No schemas', {post: users, body: {userName: 'anna-{{run}}'}}],
    ['A verb that does not exist', {patch: one, body: patch({op: 'move', path: 'title', value: 'x'})}],
    ['No operations', {patch: one, body: {schemas: [urn.patch]}}],
    ['No PatchOp', {patch: one, body: {Operations: [{op: 'replace', path: 'title', value: 'x'}]}}],
    ['No SearchRequest', {post: `${users}/.search`, body: {filter: both}}]),
  error(400, 'invalidValue', 'A value is missing or not of the type of its attribute.',
    ['No user name', {post: users, body: user({displayName: 'Nobody'})}],
    ['A text where an object belongs', {post: users, body: user({userName: 'anna-{{run}}', name: 'Anna'})}],
    ['A number where a text belongs', {post: users, body: user({userName: 42})}],
    ['A boolean that is none', {patch: one, body: patch({op: 'replace', path: 'active', value: 'maybe'})}],
    ['A group without a name', {post: groups, body: group({})}],
    ['A group with a member who does not exist', {
      post: groups, body: group({displayName: 'ghosts-{{run}}', members: [{value: stranger}]}),
    }],
    ['A count that is no number', {get: users, query: {count: 'ten'}}],
    ['An order by what does not exist', {get: users, query: {sortBy: 'shoeSize'}}],
    ['An order that is none', {get: users, query: {sortBy: 'userName', sortOrder: 'sideways'}}],
    ['Cursor and index at once', {get: users, query: {cursor: '', startIndex: 1}}]),
  error(400, 'invalidFilter', 'The filter is none, or its attribute does not exist or cannot be asked for.',
    ['A filter that is none', {get: users, query: {filter: 'garbage'}}],
    ['A filter with an unknown operator', {get: users, query: {filter: 'userName equals "x"'}}],
    ['A filter on an unknown attribute', {get: users, query: {filter: 'shoeSize eq "42"'}}],
    ['A filter on an attribute that no type has', {post: `${scim}/.search`, body: search({filter: 'shoeSize gt 40'})}],
    ['A filter on the password', {get: users, query: {filter: 'password eq "x"'}}],
    ['A filter that compares a boolean with a text', {get: users, query: {filter: 'active gt "x"'}}],
    ['A filter that is not closed', {get: users, query: {filter: '(userName eq "x"'}}]),
  error(400, 'invalidPath', 'The path of an operation leads nowhere.',
    ['A path that is not closed', {patch: one, body: patch({op: 'replace', path: 'emails[', value: 'x'})}],
    ['A path to an unknown attribute', {patch: one, body: patch({op: 'replace', path: 'shoeSize', value: '42'})}],
    ['One good and one bad operation', {
      patch: one, body: patch({op: 'replace', path: 'title', value: 'Dr'}, {op: 'replace', path: 'shoeSize', value: '42'}),
    }]),
  error(400, 'noTarget', 'The operation has nothing to be about.',
    ['A removal of nothing in particular', {patch: one, body: patch({op: 'remove'})}],
    ['A removal of an address that is not there', {patch: one, body: patch({op: 'remove', path: 'emails[type eq "work"]'})}]),
  error(400, 'mutability', 'The attribute cannot be changed, or not this way.',
    ['An id', {patch: one, body: patch({op: 'replace', path: 'id', value: 'x'})}],
    ['Groups, which are changed from the other side', {patch: one, body: patch({op: 'add', path: 'groups', value: [{value: stranger}]})}],
    ['The removal of the user name', {patch: one, body: patch({op: 'remove', path: 'userName'})}]),
  error(400, 'tooMany', 'The answer would take more work than the limits allow.',
    request('Create a user with 600 addresses', {
      post: users, body: '{{many}}', expect: 201, schema: 'user', save: {many_id: 'id'},
      before: () => {
        const emails = Array.from({length: 600}, (_, number) => ({value: `m${number}@many.example`, type: 'other'}));
        pm.variables.set('many', JSON.stringify({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'many-' + pm.collectionVariables.get('run'), emails,
        }));
      },
    }),
    ['A thousand operations that each compare all of them', {
      patch: `${users}/{{many_id}}`, body: '{{operations}}',
      before: () => {
        const operation = {op: 'replace', path: 'emails[value eq "m1@many.example" or value eq "none"].type', value: 'home'};
        pm.variables.set('operations', JSON.stringify({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: Array(1000).fill(operation),
        }));
      },
    }],
    request('None of them counts', {
      get: `${users}/{{many_id}}`, query: {attributes: 'emails,meta'}, expect: 200,
      tests: {
        'the user is as it was made': () => {
          pm.expect(body.meta.version).to.equal('W/"1"');
          pm.expect(body.emails.filter((email) => email.type !== 'other')).to.eql([]);
        },
      },
    }),
    request('Delete the user', {delete: `${users}/{{many_id}}`, expect: 204})),
  error(400, 'invalidVers', 'Another version of the protocol is asked for.',
    ['Version 1', {get: '{{scim_url}}/scim/v1/Users'}],
    ['Version 3 of one domain', {get: '{{scim_url}}/domains/CORP/scim/v3/Users'}]),
  error(400, 'invalidCursor', 'The cursor is none, or that of another query (RFC 9865 §2.2).',
    request('The first page of two', {
      get: users, query: {...pages, cursor: ''}, expect: 200, schema: 'users_by_cursor', save: {cursor: 'nextCursor'},
      tests: {'it leads to the next': () => pm.expect(body.Resources).to.have.lengthOf(1)},
    }),
    ['The cursor of another query', {get: users, query: {...pages, filter: 'userName sw "target"', cursor: '{{cursor}}'}}],
    ['The cursor of another type', {get: groups, query: {count: 1, cursor: '{{cursor}}'}}],
    ['What is no cursor', {get: users, query: {cursor: 'nonsense'}}]),
  error(400, 'invalidCount', 'The pages of a walk are of one size (RFC 9865 §2.2).',
    ['Another count', {get: users, query: {...pages, count: 2, cursor: '{{cursor}}'}}]),
  error(401, null, 'Nobody knows who is asking.',
    ['SCIM without a token', {get: users, token: null}],
    ['SCIM with a wrong token', {get: users, headers: {Authorization: 'Bearer vst_nobody'}, token: null}],
    ['SCIM with another scheme', {get: users, headers: {Authorization: 'Basic YWRtaW46YWRtaW4='}, token: null}],
    ['A sign-in without a token', {post: provisioning, body: signIn('okta'), token: null}],
    ['Administration without a token', {get: `${admin}/domains`, token: null}]),
  error(403, null, 'The token is known, and may not do this.',
    ['SCIM with the token of the gateway', {get: users, token: 'jit_token'}],
    ['A sign-in with the token of a SCIM client', {post: provisioning, body: signIn('okta'), token: 'scim_token'}],
    ['Administration with the token of a SCIM client', {get: `${admin}/domains`, token: 'scim_token'}],
    ['A token that reads cannot create', {post: users, token: 'reader_token', body: user({userName: 'CORP/anna-{{run}}'})}],
    ['It cannot change', {
      patch: `${users}/{{corp_id}}`, token: 'reader_token', body: patch({op: 'replace', path: 'title', value: 'x'}),
    }],
    ['It cannot delete', {delete: `${users}/{{corp_id}}`, token: 'reader_token'}],
    request('CORP keeps roles and a group to privileged tokens', {
      patch: `${admin}/domains/CORP`, token: 'admin_token', expect: 200,
      body: {settings: {privilegedAttributes: ['roles'], privilegedGroups: ['crown-{{run}}*']}},
    }),
    ['A role', {
      patch: `${users}/{{corp_id}}`, body: patch({op: 'add', path: 'roles', value: [{value: 'admin'}]}),
      tests: {'the scope is named': () => pm.expect(body.detail).to.contain('roles').and.contain('scim:privileged')},
    }],
    ['A group of a privileged name', {post: groups, body: group({displayName: 'CORP/Crown-{{run}}-jewels'})}],
    request('CORP keeps nothing any more', {
      patch: `${admin}/domains/CORP`, token: 'admin_token', expect: 200,
      body: {settings: {privilegedAttributes: null, privilegedGroups: null}},
    })),
  error(403, 'sensitive', 'The address would tell what is never shown.',
    ['An order by the password', {get: users, query: {sortBy: 'password'}}]),
  error(404, null, 'There is no such thing, or none that the token may see.',
    ['An id that nobody has', {get: `${users}/${stranger}`}],
    ['An id that is none', {get: `${users}/nobody`}],
    ['A user is no group', {get: `${groups}/{{user_id}}`}],
    ['A user of a domain that the token may not see', {get: one, token: 'reader_token'}],
    ['A domain that the token may not see', {get: `${domainBase('PRIMARY')}/Users`, token: 'reader_token'}],
    ['A path that does not exist', {get: `${scim}/Nothing`}],
    ['A path that does not exist on the internal address', {get: `${admin}/nothing`, token: 'admin_token'}],
    ['A sign-in on the public address', {post: '{{scim_url}}/jit/v1/provision', token: 'jit_token', body: signIn('okta')}],
    ['Administration on the public address', {get: '{{scim_url}}/admin/v1/domains', token: 'admin_token'}]),
  error(405, null, 'The resource is there, and does not take this method.',
    ['A method that users do not take', {put: users, body: {}, tests: allows(['GET', 'POST'], 'PUT')}],
    ['A method that one user does not take', {
      post: `${users}/${stranger}`, body: {}, tests: allows(['GET', 'PUT', 'PATCH', 'DELETE'], 'POST'),
    }],
    ['A sign-in by GET', {get: provisioning, token: 'jit_token', tests: allows(['POST'], 'GET')}]),
  error(409, 'uniqueness', 'Somebody has the name already.',
    ['The same name again, in other letters', {post: users, body: user({userName: 'TARGET-{{run}}'})}],
    ['A new name that somebody has', {patch: other, body: patch({op: 'Replace', path: 'userName', value: 'Target-{{run}}'})}],
    ['A replacement with a name that somebody has', {put: other, body: user({userName: 'target-{{run}}'})}]),
  error(412, null, 'It is another version by now, or none of those that were named.',
    ['A change of another version', {
      patch: one, headers: {'If-Match': 'W/"99"'}, body: patch({op: 'replace', path: 'title', value: 'Dr'}),
    }],
    ['A change unless it is this version', {
      patch: one, headers: {'If-None-Match': '{{version}}'}, body: patch({op: 'replace', path: 'title', value: 'Dr'}),
    }]),
  error(413, null, 'The body, or what it asks for, is larger than a limit.',
    ['A body that is too big', {
      post: users, body: user({userName: 'big-{{run}}', displayName: '{{big}}'}),
      before: () => {
        pm.variables.set('big', 'x'.repeat(1024 * 1024));
      },
    }],
    ['More than 1,000 operations', {
      patch: one, body: '{{operations}}',
      before: () => {
        pm.variables.set('operations', JSON.stringify({
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: Array(1001).fill({op: 'replace', path: 'title', value: 'Dr'}),
        }));
      },
      tests: {'the limit is named': () => pm.expect(body.detail).to.include('1000')},
    }],
    ['A sign-in that is too big', {
      post: provisioning, token: 'jit_token',
      body: signIn('okta', (claims) => {
        claims.nickname = '{{big}}';
      }),
      before: () => {
        pm.variables.set('big', 'x'.repeat(256 * 1024));
      },
    }]),
  error(415, null, 'The body is of a type or in an encoding that is not read.',
    ['A body of another type', {post: users, headers: {'Content-Type': 'text/plain'}, body: 'userName=anna'}],
    ['A body in another encoding', {
      post: users, headers: {'Content-Type': 'application/scim+json; charset=iso-8859-1'}, body: user({userName: 'anna-{{run}}'}),
    }],
    ['A sign-in of another type', {post: provisioning, token: 'jit_token', headers: {'Content-Type': 'text/plain'}, body: 'sub=1'}]),
  error(501, null, 'The RFC has it, this server does not offer it, or not to this token.',
    ['/Me with a token of no user', {get: `${scim}/Me`}]),
];

const after = folder('After', 'Nothing of all that was done.', [
  request('The user is as it was made', {
    get: one, expect: 200, schema: 'user',
    tests: {
      'the version is the first': () => {
        pm.expect(body).to.not.have.property('title');
        pm.expect(body.meta.version).to.equal(vars.get('version'));
      },
    },
  }),
  request('The token is revoked', {delete: `${admin}/tokens/reader-{{run}}`, token: 'admin_token', expect: 204}),
  request('It is worth nothing now', {get: users, token: 'reader_token', expect: 401}),
  request('Delete the user', {delete: one, expect: 204}),
  request('Delete the other', {delete: other, expect: 204}),
  request('Delete the user of CORP', {delete: `${users}/{{corp_id}}`, expect: 204}),
]);

export const errors = folder('Errors',
  'A folder for each error: its status, and where SCIM knows one its type, as RFC 7644 §3.12 has them on SCIM paths and RFC 9457 elsewhere. '
  + 'The test script of the collection looks at the form of each. What the rules of domains and identity providers refuse is in '
  + 'the folder of policies, what is wrong with bulk requests in that of bulk.',
  [before, ...refusals, after]);
