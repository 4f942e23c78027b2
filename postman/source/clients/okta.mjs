/* global pm, body, vars */
import {folder, group, patch, user} from '../request.mjs';
import {clientFolder, clientOf, listed, membersAre} from './client.mjs';

const {call, base, users, groups} = clientOf('okta', {
  'Accept-Charset': 'utf-8', 'Content-Type': 'application/scim+json; charset=utf-8', 'User-Agent': 'Okta SCIM Client 1.0.0',
});
const one = `${users}/{{okta_ada}}`;
const team = `${groups}/{{okta_team}}`;
const mail = (name) => `${name}-{{run}}@acme.example`;
const page = (startIndex, count) => ({startIndex, count});
const member = (name) => ({value: `{{okta_${name}}}`});

/** What Okta sends for a new user: readOnly groups among it, and a password when passwords are synchronised. */
function newUser(name, givenName, familyName) {
  return user({
    userName: mail(name), name: {givenName, familyName}, emails: [{primary: true, value: mail(name), type: 'work'}],
    displayName: `${givenName} ${familyName}`, locale: 'en-US', externalId: `00u-${name}-{{run}}`, groups: [],
    password: 'pw1A!aaaa', active: true,
  });
}
const lookUp = (name, who, tests) => call(name, {
  get: users, query: {filter: `userName eq "${mail(who)}"`, ...page(1, 100)}, expect: 200, schema: 'users', tests,
});
const create = (who, ...names) => call(`Create ${who}`, {
  post: users, body: newUser(who, ...names), expect: 201, schema: 'user', save: {[`okta_${who}`]: 'id'},
  tests: {
    'the password is not shown, and the user is in no group': () => {
      pm.expect(pm.response.text()).to.not.contain('pw1A');
      pm.expect(body).to.not.have.property('groups');
    },
    'Okta finds everything that it maps': `() => {
      pm.expect(body).to.deep.include({
        active: true, locale: 'en-US', externalId: '00u-${who}-' + vars.get('run'),
        name: {givenName: '${names[0]}', familyName: '${names[1]}'},
      });
    }`,
  },
});
const readTeam = (name, ...who) => call(name, {
  get: team, expect: 200, schema: 'group', tests: membersAre(...who.map((each) => `okta_${each}`)),
});

export const okta = clientFolder('Okta',
  'What Okta does with the preset `okta`: users, updates and deactivation by both kinds of applications, group push, import. It never '
  + 'deletes a user.', {key: 'okta', tolerances: 'okta', fired: ['group_patch_204', 'ignore_readonly_in_patch_value']}, [
    folder('Test of the connection', 'What the button "Test API Credentials" asks.', [
      call('Is PATCH offered?', {
        get: `${base}/ServiceProviderConfig`, expect: 200, schema: 'service_provider_config',
        tests: {'it is': () => pm.expect(body.patch.supported).to.be.true},
      }),
      call('Two users', {get: users, query: page(1, 2), expect: 200, schema: 'users', tests: listed()}),
      call('A page of groups', {get: groups, query: page(1, 100), expect: 200, schema: 'groups', tests: listed()}),
    ]),
    folder('Assignment', 'A look-up, then a creation.', [
      lookUp('Is ada there? Nobody is', 'ada', listed()),
      create('ada', 'Ada', 'Byron'),
      lookUp('Is ada there?', 'ada', listed('okta_ada')),
      call('Create ada once more', {post: users, body: newUser('ada', 'Ada', 'Byron'), expect: 409, scimType: 'uniqueness'}),
      create('bob', 'Bob', 'Lind'),
      create('cyd', 'Cyd', 'Ng'),
    ]),
    folder('Group push', 'A group by its name, its members at once, then one by one.', [
      call('Is the group there? No', {
        get: groups, query: {filter: 'displayName eq "Team {{run}}"', ...page(1, 100)}, expect: 200, schema: 'groups', tests: listed(),
      }),
      call('Create it', {
        post: groups, body: group({displayName: 'Team {{run}}', members: []}), expect: 201, schema: 'group', save: {okta_team: 'id'},
        tests: {'it has no members': () => pm.expect(body).to.not.have.property('members')},
      }),
      call('Push all members', {
        patch: team, body: patch({op: 'replace', path: 'members', value: [member('ada'), member('bob')]}), expect: 204,
      }),
      readTeam('Ada and bob are in it', 'ada', 'bob'),
      call('Exchange a member for another, with a display that is readOnly', {
        patch: team, expect: 204,
        body: patch(
          {op: 'remove', path: 'members[value eq "{{okta_bob}}"]'},
          {op: 'add', path: 'members', value: [{...member('cyd'), display: mail('cyd')}]}),
      }),
      readTeam('Ada and cyd are in it', 'ada', 'cyd'),
      call('Rename it, with its id in the value', {
        patch: team, body: patch({op: 'replace', value: {id: '{{okta_team}}', displayName: 'Crew {{run}}'}}), expect: 204,
      }),
      call('The group has the new name and its members', {
        get: groups, query: {filter: 'displayName eq "Crew {{run}}"', ...page(1, 100)}, expect: 200, schema: 'groups',
        tests: {
          ...listed('okta_team'),
          'two are in it': () => pm.expect(body.Resources[0].members).to.have.lengthOf(2),
        },
      }),
      call('The older way: the whole group by PUT', {
        put: team, body: group({displayName: 'Crew {{run}}', members: [member('ada')]}), expect: 200, schema: 'group',
        tests: membersAre('okta_ada'),
      }),
    ]),
    folder('Updates', 'Okta reads a user and sends back all of it, with what changed.', [
      call('Read ada', {
        get: one, expect: 200, schema: 'user', save: {okta_version: 'meta.version'},
        tests: {
          'the group is shown': () => pm.expect(body.groups.map((each) => each.value)).to.eql([vars.get('okta_team')]),
          'remember all of it': () => vars.set('okta_read', JSON.stringify(body)),
        },
      }),
      call('Send it back with another name', {
        about: 'The body holds what the server made: id, meta, groups. All of it is ignored but the name.',
        put: one, body: '{{okta_changed}}', expect: 200, schema: 'user',
        before: () => {
          const read = JSON.parse(pm.collectionVariables.get('okta_read'));
          read.name.familyName = 'King';
          pm.variables.set('okta_changed', JSON.stringify(read));
        },
        tests: {
          'the name is the new one': () => pm.expect(body.name).to.eql({givenName: 'Ada', familyName: 'King'}),
          'everything else is as it was': () => {
            const read = JSON.parse(vars.get('okta_read'));
            for (const each of ['id', 'externalId', 'userName', 'emails', 'groups', 'active']) pm.expect(body[each]).to.eql(read[each]);
            pm.expect(body.meta.created).to.equal(read.meta.created);
            pm.expect(body.meta.version).to.not.equal(vars.get('okta_version'));
          },
        },
      }),
      call('Synchronise the password', {
        patch: one, body: patch({op: 'replace', value: {password: 'N3w!passw0rd'}}), expect: 200, schema: 'user',
        tests: {'it is not shown': () => pm.expect(pm.response.text()).to.not.match(/password|N3w!/)},
      }),
    ]),
    folder('Deactivation', 'By PATCH for applications of the catalogue, by PUT for those that a customer makes.', [
      call('Deactivate ada by PATCH without a path', {
        patch: one, body: patch({op: 'replace', value: {active: false}}), expect: 200, schema: 'user',
        tests: {'not active, with the same name': () => pm.expect(body).to.deep.include({active: false, displayName: 'Ada Byron'})},
      }),
      call('Activate ada again', {
        patch: one, body: patch({op: 'replace', value: {active: true}}), expect: 200, schema: 'user',
        tests: {'active': () => pm.expect(body.active).to.be.true},
      }),
      call('Deactivate bob by PUT', {
        put: `${users}/{{okta_bob}}`, body: {...newUser('bob', 'Bob', 'Lind'), id: '{{okta_bob}}', password: undefined, active: false},
        expect: 200, schema: 'user',
        tests: {'not active': () => pm.expect(body.active).to.be.false},
      }),
      lookUp('Bob is still found', 'bob', listed('okta_bob')),
    ]),
    folder('Import', 'Page by page until the total is reached.', [
      call('The first page', {
        get: users, query: page(1, 2), expect: 200, schema: 'users',
        tests: {
          'two of three': () => pm.expect(body).to.deep.include({totalResults: 3, startIndex: 1, itemsPerPage: 2}),
          'remember who was on it': () => vars.set('okta_page', JSON.stringify(body.Resources.map((each) => each.id))),
        },
      }),
      call('The second page', {
        get: users, query: page(3, 2), expect: 200, schema: 'users',
        tests: {
          'the one that is left': () => {
            pm.expect(body).to.deep.include({totalResults: 3, startIndex: 3, itemsPerPage: 1});
            const ids = [...JSON.parse(vars.get('okta_page')), ...body.Resources.map((each) => each.id)];
            pm.expect(ids).to.have.members(['ada', 'bob', 'cyd'].map((who) => vars.get('okta_' + who)));
          },
        },
      }),
    ]),
    folder('Unlinking', 'The group goes, its members stay.', [
      call('Delete the group', {delete: team, expect: 204}),
      call('Ada is in no group', {
        get: one, expect: 200, schema: 'user', tests: {'none is shown': () => pm.expect(body).to.not.have.property('groups')},
      }),
    ]),
  ]);
