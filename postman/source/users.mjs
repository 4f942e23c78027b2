/* global pm, body, vars */
import {rfcUser} from './golden.mjs';
import {folder, patch, request, scim, urn, user} from './request.mjs';

const users = `${scim}/Users`;
const one = `${users}/{{user_id}}`;

const lifeOfAUser = folder('Life of a user', 'Create, read, replace and delete, with entity tags.', [
  request('Create a user with nothing but a name', {
    post: users, body: user({userName: 'anna-{{run}}'}), expect: 201, schema: 'user', save: {user_id: 'id', version: 'meta.version'},
    tests: {
      'the user is as it was sent, and as new as can be': () => {
        pm.expect(body.userName).to.equal('anna-' + vars.get('run'));
        pm.expect(body.schemas).to.eql(['urn:ietf:params:scim:schemas:core:2.0:User']);
        pm.expect(body.meta.created).to.equal(body.meta.lastModified);
      },
    },
  }),
  request('Read it', {
    get: one, expect: 200, schema: 'user',
    tests: {
      'it is the same user in the same version': () => {
        pm.expect(body.id).to.equal(vars.get('user_id'));
        pm.expect(body.meta.version).to.equal(vars.get('version'));
      },
    },
  }),
  request('Read it again without its groups: not modified', {
    get: one, query: {excludedAttributes: 'groups'}, headers: {'If-None-Match': '{{version}}'}, expect: 304,
    tests: {
      'the entity tag is there all the same': () => {
        pm.expect(pm.response.headers.get('ETag')).to.equal(vars.get('version'));
      },
    },
  }),
  request('Read it with the tag of another version', {
    get: one, headers: {'If-None-Match': 'W/"0"'}, expect: 200, schema: 'user',
  }),
  request('Replace it if it is another version: refused', {
    put: one, headers: {'If-Match': 'W/"0"'}, body: user({userName: 'anna-{{run}}', displayName: 'Nobody'}), expect: 412,
  }),
  request('Replace it if it is this version', {
    put: one, headers: {'If-Match': '{{version}}'}, expect: 200, schema: 'user',
    body: user({
      userName: 'anna-{{run}}', externalId: 'ext-{{run}}', active: true, displayName: 'Anna {{run}}', nickName: 'Annie',
      name: {givenName: 'Anna', familyName: 'Lind'},
      emails: [
        {value: 'anna-{{run}}@work.example', type: 'work', primary: true},
        {value: 'anna-{{run}}@home.example', type: 'home'},
      ],
    }),
    tests: {
      'what was sent is there, and the version is a new one': () => {
        pm.expect(body).to.deep.include({
          externalId: 'ext-' + vars.get('run'), active: true, displayName: 'Anna ' + vars.get('run'), nickName: 'Annie',
          name: {givenName: 'Anna', familyName: 'Lind'},
        });
        pm.expect(body.emails).to.have.lengthOf(2);
        pm.expect(body.meta.version).to.not.equal(vars.get('version'));
      },
    },
    save: {version: 'meta.version', modified: 'meta.lastModified'},
  }),
  request('Replace it by the same: nothing changes', {
    put: one, expect: 200, schema: 'user',
    body: user({
      userName: 'anna-{{run}}', externalId: 'ext-{{run}}', active: true, displayName: 'Anna {{run}}', nickName: 'Annie',
      name: {givenName: 'Anna', familyName: 'Lind'},
      emails: [
        {value: 'anna-{{run}}@work.example', type: 'work', primary: true},
        {value: 'anna-{{run}}@home.example', type: 'home'},
      ],
    }),
    tests: {
      'version and time are those of before': () => {
        pm.expect(body.meta.version).to.equal(vars.get('version'));
        pm.expect(body.meta.lastModified).to.equal(vars.get('modified'));
      },
    },
  }),
  request('Replace it by less: what is left out goes', {
    put: one, expect: 200, schema: 'user',
    body: user({
      userName: 'anna-{{run}}', externalId: 'ext-{{run}}', active: true, displayName: 'Anna {{run}}',
      name: {givenName: 'Anna', familyName: 'Lind'},
      emails: [
        {value: 'anna-{{run}}@work.example', type: 'work', primary: true},
        {value: 'anna-{{run}}@home.example', type: 'home'},
      ],
    }),
    tests: {
      'there is no nickname any more': () => pm.expect(body).to.not.have.property('nickName'),
    },
  }),
]);

const changes = folder('PATCH', 'RFC 7644 §3.5.2, and what Okta and Entra ID really send.', [
  request('Okta deactivates: no path', {
    patch: one, body: patch({op: 'replace', value: {active: false}}), expect: 200, schema: 'user',
    tests: {
      'the user is not active, and nothing else changed': () => {
        pm.expect(body.active).to.be.false;
        pm.expect(body.displayName).to.equal('Anna ' + vars.get('run'));
      },
    },
  }),
  request('Entra activates: capitals, and the boolean as text', {
    patch: one, body: patch({op: 'Replace', path: 'active', value: 'True'}), expect: 200, schema: 'user',
    tests: {'the user is active': () => pm.expect(body.active).to.be.true},
  }),
  request('Entra deactivates', {
    patch: one, body: patch({op: 'Replace', path: 'active', value: 'False'}), expect: 200, schema: 'user',
    tests: {'the user is not active': () => pm.expect(body.active).to.be.false},
  }),
  request('Okta activates', {
    patch: one, body: patch({op: 'replace', value: {active: true}}), expect: 200, schema: 'user', save: {version: 'meta.version'},
    tests: {'the user is active': () => pm.expect(body.active).to.be.true},
  }),
  request('A change that changes nothing keeps the version', {
    patch: one, body: patch({op: 'replace', path: 'active', value: true}), expect: 200, schema: 'user',
    tests: {'the version is the one of before': () => pm.expect(body.meta.version).to.equal(vars.get('version'))},
  }),
  request('A change if it is another version: refused', {
    patch: one, headers: {'If-Match': 'W/"0"'}, body: patch({op: 'replace', path: 'active', value: false}), expect: 412,
  }),
  request('Okta changes the name', {
    patch: one, body: patch({op: 'replace', value: {name: {givenName: 'Anne', familyName: 'Lindgren'}}}),
    expect: 200, schema: 'user',
    tests: {'the name is the new one': () => pm.expect(body.name).to.eql({givenName: 'Anne', familyName: 'Lindgren'})},
  }),
  request('Entra changes the name: paths', {
    patch: one, expect: 200, schema: 'user',
    body: patch({op: 'Replace', path: 'name.givenName', value: 'Annika'}, {op: 'Add', path: 'name.formatted', value: 'Annika Lindgren'}),
    tests: {
      'one part is replaced, one added, one kept': () => {
        pm.expect(body.name).to.eql({formatted: 'Annika Lindgren', givenName: 'Annika', familyName: 'Lindgren'});
      },
    },
  }),
  request('Entra changes several: paths as keys', {
    patch: one, expect: 200, schema: 'user',
    body: patch({
      op: 'replace',
      value: {'displayName': 'Annika {{run}}', 'name.givenName': 'Annika Maria', [`${urn.enterprise}:department`]: 'Sales'},
    }),
    tests: {
      'all of them are changed': () => {
        pm.expect(body.displayName).to.equal('Annika ' + vars.get('run'));
        pm.expect(body.name.givenName).to.equal('Annika Maria');
        pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department).to.equal('Sales');
      },
      'schemas names the extension': () => {
        pm.expect(body.schemas).to.include('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User');
      },
    },
  }),
  request('Entra changes the work address: a filter in the path', {
    patch: one, body: patch({op: 'Replace', path: 'emails[type eq "work"].value', value: 'annika-{{run}}@work.example'}),
    expect: 200, schema: 'user',
    tests: {
      'the work address is the new one, the other is as it was': () => {
        pm.expect(body.emails).to.deep.have.members([
          {value: `annika-${vars.get('run')}@work.example`, type: 'work', primary: true},
          {value: `anna-${vars.get('run')}@home.example`, type: 'home'},
        ]);
      },
    },
  }),
  request('Entra adds a telephone that is not there: a filter that matches nothing', {
    patch: one, body: patch({op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+46 70 123 45 67'}),
    expect: 200, schema: 'user',
    tests: {
      'there is a mobile number': () => pm.expect(body.phoneNumbers).to.eql([{value: '+46 70 123 45 67', type: 'mobile'}]),
    },
  }),
  request('Add an address that becomes the primary one', {
    patch: one, body: patch({op: 'add', path: 'emails', value: [{value: 'a-{{run}}@other.example', type: 'other', primary: true}]}),
    expect: 200, schema: 'user',
    tests: {
      'there are three, and only the new one is primary': () => {
        pm.expect(body.emails).to.have.lengthOf(3);
        pm.expect(body.emails.filter((email) => email.primary).map((email) => email.type)).to.eql(['other']);
      },
    },
  }),
  request('Remove an address by a filter', {
    patch: one, body: patch({op: 'remove', path: 'emails[type eq "home"]'}), expect: 200, schema: 'user',
    tests: {
      'the others are there': () => pm.expect(body.emails.map((email) => email.type)).to.have.members(['work', 'other']),
    },
  }),
  request('Replace all addresses', {
    patch: one, body: patch({op: 'replace', path: 'emails', value: [{value: 'anna-{{run}}@work.example', type: 'work'}]}),
    expect: 200, schema: 'user',
    tests: {
      'there is one': () => pm.expect(body.emails).to.eql([{value: `anna-${vars.get('run')}@work.example`, type: 'work'}]),
    },
  }),
  request('Remove the telephone numbers', {
    patch: one, body: patch({op: 'remove', path: 'phoneNumbers'}), expect: 200, schema: 'user', save: {version: 'meta.version'},
    tests: {'there are none': () => pm.expect(body).to.not.have.property('phoneNumbers')},
  }),
  request('All operations or none', {
    patch: one, body: patch({op: 'replace', path: 'title', value: 'Boss'}, {op: 'replace', path: 'userName', value: ''}),
    expect: 400,
  }),
  request('The user is as before', {
    get: one, expect: 200, schema: 'user',
    tests: {
      'the first operation left no trace': () => {
        pm.expect(body).to.not.have.property('title');
        pm.expect(body.meta.version).to.equal(vars.get('version'));
      },
    },
  }),
]);

const rfc = folder('Users of RFC 7643', 'The documents of §8.2 and §8.3, sent as they are but for the name.', [
  request('Create the full user', {
    about: 'It has id, meta and groups, which are readOnly: they are ignored. It has a password, which is never shown.',
    post: users, body: rfcUser('user-full'), expect: 201, schema: 'user', save: {full_id: 'id'},
    tests: {
      'the server decides on id, meta and groups': () => {
        pm.expect(body.id).to.not.equal('2819c223-7f76-453a-919d-413861904646');
        pm.expect(body.meta.created).to.not.match(/^2010/);
        pm.expect(body).to.not.have.property('groups');
      },
      'everything else is there': () => {
        pm.expect(body.name.honorificSuffix).to.equal('III');
        pm.expect(body.emails).to.have.lengthOf(2);
        pm.expect(body.addresses).to.have.lengthOf(2);
        pm.expect(body.addresses[0].formatted).to.equal('100 Universal City Plaza\nHollywood, CA 91608 USA');
        pm.expect(body.phoneNumbers).to.have.lengthOf(2);
        pm.expect(body.photos).to.have.lengthOf(2);
        pm.expect(body.x509Certificates).to.have.lengthOf(1);
        pm.expect(body).to.include({
          nickName: 'Babs', title: 'Tour Guide', userType: 'Employee', preferredLanguage: 'en-US', locale: 'en-US',
          timezone: 'America/Los_Angeles', active: true,
        });
      },
    },
  }),
  request('Delete the full user', {delete: `${users}/{{full_id}}`, expect: 204}),
  request('Create the enterprise user', {
    post: users, body: rfcUser('user-enterprise'), expect: 201, schema: 'user', save: {full_id: 'id'},
    tests: {
      'the extension is there': () => {
        pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User']).to.deep.include({
          employeeNumber: '701984', costCenter: '4130', organization: 'Universal Studios', division: 'Theme Park',
          department: 'Tour Operations',
        });
      },
    },
  }),
  request('Make somebody the manager', {
    about: 'Entra ID sends the manager as a plain text.',
    patch: `${users}/{{full_id}}`, body: patch({op: 'Add', path: `${urn.enterprise}:manager`, value: '{{user_id}}'}),
    expect: 200, schema: 'user',
    tests: {
      'the manager is that user': () => {
        pm.expect(body['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].manager.value).to.equal(vars.get('user_id'));
      },
    },
  }),
  request('Delete the enterprise user', {delete: `${users}/{{full_id}}`, expect: 204}),
]);

/** A request for users by a filter; `tests` sees whether the user of the run is the only one found. */
function found(name, filter, fields = {}) {
  return request(name, {
    get: users, query: {filter, ...fields.query}, expect: 200, schema: 'users', about: fields.about,
    tests: {
      'the user is found, and nobody else': () => {
        pm.expect(body.totalResults).to.equal(1);
        pm.expect(body.Resources.map((user) => user.id)).to.eql([vars.get('user_id')]);
      },
    },
  });
}
function nobody(name, filter) {
  return request(name, {
    get: users, query: {filter}, expect: 200, schema: 'users',
    tests: {
      'nobody is found, and that is no error': () => {
        pm.expect(body).to.deep.include({totalResults: 0, itemsPerPage: 0, Resources: []});
      },
    },
  });
}

const filters = folder('Filters', 'RFC 7644 §3.4.2.2, beginning with the ones that clients live by.', [
  found('By user name', 'userName eq "anna-{{run}}"'),
  found('By user name in another case', 'userName eq "ANNA-{{run}}"'),
  found('By user name, the way Okta asks', 'userName eq "anna-{{run}}"', {query: {startIndex: 1, count: 100}}),
  nobody('By a name that nobody has', 'userName eq "nobody-{{run}}"'),
  found('By externalId', 'externalId eq "ext-{{run}}"'),
  nobody('By externalId in another case', 'externalId eq "EXT-{{run}}"'),
  found('By id', 'id eq "{{user_id}}"'),
  found('By e-mail', 'emails.value eq "anna-{{run}}@work.example"'),
  found('By e-mail in another case', 'emails.value eq "Anna-{{run}}@Work.Example"'),
  found('By e-mail and type in one value', 'emails[type eq "work" and value eq "anna-{{run}}@work.example"]'),
  found('By work e-mail, the way Entra asks', 'emails[type eq "work"].value eq "anna-{{run}}@work.example"'),
  nobody('By e-mail of another type', 'emails[type eq "home" and value eq "anna-{{run}}@work.example"]'),
  found('By display name', 'displayName eq "Annika {{run}}"'),
  found('By display name in another case, of text and of attribute', 'DisplayName eq "annika {{run}}"'),
  found('By two things at once', 'userName eq "anna-{{run}}" and active eq true'),
  nobody('By two things of which one does not hold', 'userName eq "anna-{{run}}" and active eq false'),
  found('By either of two', '(userName eq "nobody-{{run}}" or externalId eq "ext-{{run}}") and active eq true'),
  found('By what is not so', 'userName eq "anna-{{run}}" and not (active eq false)'),
  found('By the beginning of a name', 'userName sw "anna-{{run}}"'),
  found('By the attribute with its URN', `${urn.user}:userName eq "anna-{{run}}"`),
  found('By what is there', 'userName eq "anna-{{run}}" and name.familyName pr'),
  found('By an attribute of the extension', `userName eq "anna-{{run}}" and ${urn.enterprise}:department eq "sales"`),
  found('By time of change', 'userName eq "anna-{{run}}" and meta.lastModified gt "2020-01-01T00:00:00Z"'),
]);

const projection = folder('Choice of attributes', 'RFC 7644 §3.9.', [
  request('Only some', {
    get: one, query: {attributes: 'displayName,emails.value'}, expect: 200,
    tests: {
      'they are there, with what is always there': () => {
        pm.expect(body).to.have.all.keys('id', 'schemas', 'displayName', 'emails');
        pm.expect(body.emails).to.eql([{value: `anna-${vars.get('run')}@work.example`}]);
      },
    },
  }),
  request('All but some', {
    get: one, query: {excludedAttributes: 'emails,name.givenName,id'}, expect: 200,
    tests: {
      'they are not there, but for the id, which always is': () => {
        pm.expect(body).to.have.property('id');
        pm.expect(body).to.not.have.property('emails');
        pm.expect(body.name).to.have.property('familyName').and.not.have.property('givenName');
      },
    },
  }),
  request('Only some, in a list', {
    get: users, query: {filter: 'userName eq "anna-{{run}}"', attributes: 'active'}, expect: 200,
    tests: {
      'each has only those': () => {
        pm.expect(body.Resources).to.have.lengthOf(1);
        pm.expect(body.Resources[0]).to.have.property('active', true);
        pm.expect(body.Resources[0]).to.not.have.any.keys('emails', 'name', 'displayName');
      },
    },
  }),
  request('Only some, in the answer to a change', {
    patch: one, query: {attributes: 'title'}, body: patch({op: 'add', path: 'title', value: 'Dr.'}), expect: 200,
    tests: {
      'only that': () => {
        pm.expect(body.title).to.equal('Dr.');
        pm.expect(body).to.not.have.any.keys('emails', 'name', 'displayName');
      },
    },
  }),
  request('Both at once exclude each other', {
    get: one, query: {attributes: 'title', excludedAttributes: 'emails'}, expect: 400, scimType: 'invalidValue',
  }),
]);

/** Three users with the same display name. */
const several = [1, 2, 3].map((number) => request(`Create user ${number} of 3`, {
  post: users, body: user({userName: `page${number}-{{run}}`, displayName: 'Page {{run}}'}), expect: 201, schema: 'user',
  save: {[`page${number}_id`]: 'id'},
}));
const page = (query) => ({get: users, query: {filter: 'displayName eq "Page {{run}}"', ...query}, expect: 200, schema: 'users'});

const paging = folder('Pages', 'RFC 7644 §3.4.2.4.', [
  ...several,
  request('The first page', {
    ...page({startIndex: 1, count: 2}),
    tests: {
      'two of three': () => {
        pm.expect(body).to.include({totalResults: 3, startIndex: 1, itemsPerPage: 2});
        pm.expect(body.Resources).to.have.lengthOf(2);
        vars.set('seen', JSON.stringify(body.Resources.map((user) => user.id)));
      },
    },
  }),
  request('The last page', {
    ...page({startIndex: 3, count: 2}),
    tests: {
      'the third': () => {
        pm.expect(body).to.include({totalResults: 3, startIndex: 3, itemsPerPage: 1});
        const all = [...JSON.parse(vars.get('seen')), body.Resources[0].id];
        pm.expect(all).to.have.members([vars.get('page1_id'), vars.get('page2_id'), vars.get('page3_id')]);
      },
    },
  }),
  request('Behind the last page', {
    ...page({startIndex: 4, count: 2}),
    tests: {'nothing is left': () => pm.expect(body).to.deep.include({totalResults: 3, itemsPerPage: 0, Resources: []})},
  }),
  request('No page, only the count', {
    ...page({count: 0}),
    tests: {'three': () => pm.expect(body).to.deep.include({totalResults: 3, itemsPerPage: 0, Resources: []})},
  }),
  request('Numbers below the first mean the first', {
    ...page({startIndex: 0, count: 10}),
    tests: {'all three': () => pm.expect(body).to.include({totalResults: 3, startIndex: 1, itemsPerPage: 3})},
  }),
  request('A negative count means none', {
    ...page({count: -5}),
    tests: {'none': () => pm.expect(body).to.deep.include({totalResults: 3, itemsPerPage: 0, Resources: []})},
  }),
  ...[1, 2, 3].map((number) => request(`Delete user ${number} of 3`, {delete: `${users}/{{page${number}_id}}`, expect: 204})),
]);

const end = folder('End', 'A deleted user is gone for every way of asking.', [
  request('Delete it if it is another version: refused', {delete: one, headers: {'If-Match': 'W/"0"'}, expect: 412}),
  request('Delete it', {delete: one, expect: 204}),
  request('It is not found', {get: one, expect: 404}),
  request('It cannot be deleted again', {delete: one, expect: 404}),
  request('It cannot be changed', {patch: one, body: patch({op: 'replace', path: 'active', value: true}), expect: 404}),
  nobody('It is in no list', 'userName eq "anna-{{run}}"'),
  request('Its name is free', {
    post: users, body: user({userName: 'Anna-{{run}}'}), expect: 201, schema: 'user', save: {again_id: 'id'},
    tests: {'the id is a new one': () => pm.expect(body.id).to.not.equal(vars.get('user_id'))},
  }),
  request('Delete the new one', {delete: `${users}/{{again_id}}`, expect: 204}),
]);

export const usersFolder = folder('Users', 'Users in the domain PRIMARY (RFC 7643 §4.1, RFC 7644 §3).',
  [lifeOfAUser, changes, rfc, filters, projection, paging, end]);
