// Documents of tests/golden, with names of the run in them.

import fs from 'node:fs';

function read(path) {
  return fs.readFileSync(new URL(`../../tests/golden/${path}`, import.meta.url), 'utf8');
}

/** What each identity provider asserts about its person, and which user name follows from it. */
export const people = {
  okta: {provider: 'okta-acme', domain: 'PRIMARY', name: 'zoe.nunez', run_name: 'zoe-{{run}}', suffix: '@acme.example'},
  entra: {provider: 'entra-contoso', domain: 'PRIMARY', name: 'lukas.muller', run_name: 'luka-{{run}}',
    suffix: '@contoso.example'},
  google: {provider: 'google-lingua', domain: 'PRIMARY', name: 'yuki.tanaka', run_name: 'yuki-{{run}}',
    suffix: '@lingua.example'},
  keycloak: {provider: 'keycloak-werk', domain: 'CORP', name: 'bjorn', run_name: 'bjorn-{{run}}', suffix: ''},
  wso2: {provider: 'wso2-corp', domain: 'CORP', name: 'amara.okafor', run_name: 'amara-{{run}}', suffix: ''},
};

/** The claims of a person of this run, with `change` made to them. */
export function claims(who, change = () => {}) {
  const document = JSON.parse(read(`claims/${who}.json`));
  const {name, run_name} = people[who];
  const named = JSON.parse(JSON.stringify(document).replaceAll(name, run_name));
  if (!named.sub.includes('{{run}}')) named.sub += '-{{run}}';
  change(named);
  return named;
}

/** The body of a request to provision or explain. */
export function signIn(who, change) {
  const asserted = claims(who, change);
  return {identityProvider: people[who].provider, subject: asserted.sub, claims: asserted};
}

/** A user of RFC 7643 §8 of this run, as text. */
export function rfcUser(file) {
  return read(`rfc/${file}.json`).replaceAll('bjensen@', 'bjensen-{{run}}@');
}

/** The settings of an identity provider. */
export function identityProvider(who) {
  return JSON.parse(read(`identity_providers/${who}.json`));
}
