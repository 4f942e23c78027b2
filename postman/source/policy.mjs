/* global pm, body */
import {signIn} from './golden.mjs';
import {folder, group, internal, request, scim, user} from './request.mjs';

const refused = (name, fields) => request(name, {expect: 400, scimType: 'invalidValue', ...fields});
const named = (code) => ({
  [`the code is ${code}`]: {toString: () => `() => {\n  pm.expect(body.detail).to.contain('${code}');\n}`},
});

export const policy = folder('Policy refusals', 'What the rules of a user store domain refuse, by SCIM and at a sign-in.', [
  refused('A user name that is too short', {
    post: `${scim}/Users`, body: user({userName: 'ab'}), tests: named('POL-1001'),
  }),
  refused('A user name with a space', {
    post: `${scim}/Users`, body: user({userName: 'anna lind'}), tests: named('POL-1001'),
  }),
  refused('A user name of nothing but white space', {
    post: `${scim}/Users`, body: user({userName: '   '}),
  }),
  refused('A group name with a space', {
    post: `${scim}/Groups`, body: group({displayName: 'two words'}), tests: named('POL-1002'),
  }),
  refused('A password that is too short', {
    post: `${scim}/Users`, body: user({userName: 'short-{{run}}', password: 'abc'}), tests: named('POL-1003'),
  }),
  refused('A domain that does not exist', {
    post: `${scim}/Users`, body: user({userName: 'NOWHERE/anna-{{run}}'}),
  }),
  request('A sign-in whose user name breaks the rules', {
    post: `${internal}/jit/v1/provision`, token: 'jit_token', expect: 400, code: 'JIT-1202', schema: 'jit_problem',
    body: signIn('okta', (claims) => {
      claims.sub += '-bad';
      claims.preferred_username = 'no good';
    }),
    tests: {
      'the gateway is told what to do': () => {
        pm.expect(body.onFailure).to.equal('refuse');
      },
    },
  }),
]);
