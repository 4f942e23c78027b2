// Documents of tests/golden, with names of the run in them.

import fs from 'node:fs';

function read(path) {
  return fs.readFileSync(new URL(`../../tests/golden/${path}`, import.meta.url), 'utf8');
}

/** Who signs in at each identity provider, and where the user comes to be. `name` becomes `run_name` in every claim. */
export const people = {
  okta: {provider: 'okta-acme', domain: 'PRIMARY', name: 'zoe.nunez', run_name: 'zoe-{{run}}', user_name: 'zoe-{{run}}@acme.example'},
  entra: {
    provider: 'entra-contoso', domain: 'PRIMARY', name: 'lukas.muller', run_name: 'luka-{{run}}',
    user_name: 'luka-{{run}}@contoso.example',
  },
  google: {
    provider: 'google-lingua', domain: 'PRIMARY', name: 'yuki.tanaka', run_name: 'yuki-{{run}}',
    user_name: 'yuki-{{run}}@lingua.example',
  },
  keycloak: {provider: 'keycloak-werk', domain: 'CORP', name: 'bjorn', run_name: 'bjorn-{{run}}', user_name: 'bjorn-{{run}}'},
  wso2: {provider: 'wso2-corp', domain: 'CORP', name: 'amara.okafor', run_name: 'amara-{{run}}', user_name: 'amara-{{run}}'},
};

/**
 * The body of a request to provision or explain: the claims of a person of this run, with `change` made to them. They are
 * sent for `provider`, if given, in place of the person's own.
 */
export function signIn(who, change = () => {}, provider = people[who].provider) {
  const {name, run_name} = people[who];
  const claims = JSON.parse(read(`claims/${who}.json`).replaceAll(name, run_name));
  if (!claims.sub.includes('{{run}}')) claims.sub += '-{{run}}';
  change(claims);
  return {identityProvider: provider, subject: claims.sub, claims};
}

/** A user of RFC 7643 §8 of this run, as text. */
export function rfcUser(file) {
  return read(`rfc/${file}.json`).replaceAll('bjensen@', 'bjensen-{{run}}@');
}

/** The group of RFC 7643 §8.4 of this run, as text, with users of this server as its members, and a name that PRIMARY takes. */
export function rfcGroup(...members) {
  const ids = ['2819c223-7f76-453a-919d-413861904646', '902c246b-6245-4190-8e05-00816be7344a'];
  return ids.reduce((text, id, i) => text.replaceAll(id, members[i]), read('rfc/group.json')).replace('Tour Guides', 'guides-{{run}}');
}

/** The settings of an identity provider, with `change` made to them. */
export function identityProvider(who, change = () => {}) {
  const settings = JSON.parse(read(`identity_providers/${who}.json`));
  change(settings);
  return settings;
}
